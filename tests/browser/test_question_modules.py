"""What a question's truth is, how it is told and how it is taken along: the modules of asking by themselves."""

from __future__ import annotations

import csv
import io
import math
from statistics import median
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from core import Experiment, make_dataset, train

ASKING = "/app/static/room/asking"

SEEN = """
const { Columns } = await import("/app/static/stage/charts/columns.js");
const runs = (given.runs ?? []).map(({ rows, ...run }) => {
    const columns = new Columns();
    const [b, w, loss] = [0, 1, 2].map((i) => rows.map((row) => row[i] ?? NaN));
    columns.append({ b, w, loss });
    return { ...run, columns };
});
"""
"""Runs as a question sees them, from rows of b, w and loss; JSON has no infinite loss."""


@pytest.fixture
def page(blank_page: Page) -> Page:
    return blank_page


def run(page: Page, module: str, body: str, given: Any = None) -> Any:
    """What `body` returns; it sees the module as `m`, what it is given as `given`, and the runs of that as `runs`."""
    return page.evaluate(f"async given => {{ {SEEN} const m = await import('{ASKING}/{module}.js'); {body} }}", given)


def lowest_loss(experiment: Experiment) -> float:
    dataset = make_dataset(experiment)
    x, y = dataset.x_train[:, 0], dataset.y_train[:, 0]
    return float(((np.polyval(np.polyfit(x, y, 1), x) - y) ** 2).mean())


def seen(name: str = "run", *, rows: int | None = None, stop: str | None = "", **fields: Any) -> dict[str, Any]:
    """A run as a stage has it: the first `rows` of it, or all, with the end that the engine gives it, or another."""
    experiment = Experiment(**fields)
    training = train(experiment)
    records = list(training)
    reason = training.stop.reason.value if stop == "" else stop
    return {
        "scene": repr(experiment),
        "name": name,
        "epochs": experiment.epochs,
        "epochLength": 1,
        "learningRate": experiment.learning_rate,
        "arrivalLoss": 1.01 * lowest_loss(experiment),
        "stop": None if reason is None or rows else {"reason": reason, "epoch": len(records) - 1},
        "rows": [
            [record.b, record.w, record.loss if math.isfinite(record.loss) else None] for record in records[:rows]
        ],
    }


def truth(page: Page, what: str, *runs: dict[str, Any], scenes: list[str] | None = None) -> Any:
    about = {"what": what, "scenes": [run["scene"] for run in runs] if scenes is None else scenes}
    return run(page, "truth", "return m.truthOf(given.about, runs);", {"about": about, "runs": runs})


@pytest.mark.parametrize(("rate", "answer", "words"), [(0.1, "No", "it does not diverge"), (1.5, "Yes", "it diverges")])
def test_a_run_diverges_or_not_as_the_engine_says(page, rate, answer, words):
    found = truth(page, "diverges", seen(learning_rate=rate, epochs=60))
    assert found == {"known": True, "truth": answer, "words": words}


@pytest.mark.parametrize("name", ["b", "w"])
def test_b_and_w_end_where_the_last_record_has_them(page, name):
    last = list(train(Experiment(epochs=37, learning_rate=0.2)))[-1]
    found = truth(page, name, seen(epochs=37, learning_rate=0.2))
    assert (found["known"], found["truth"]) == (True, getattr(last, name))
    assert found["words"] == f"{name} ends at {getattr(last, name):#.6g}"


def test_loss_after_ten_epochs_is_that_of_the_tenth_record_however_far_the_run_is(page):
    tenth = list(train(Experiment(epochs=10)))[-1].loss
    for rows in (11, 30):
        found = truth(page, "loss", seen(epochs=50, rows=rows))
        assert (found["known"], found["truth"]) == (True, tenth)
    assert truth(page, "loss", seen(epochs=50, rows=10))["known"] is False


@pytest.mark.parametrize("what", ["b", "w", "loss"])
def test_a_run_that_diverges_never_gets_there(page, what):
    found = truth(page, what, seen(learning_rate=50, epochs=60))
    assert found == {"known": True, "truth": None, "words": "it never gets there: the run diverges"}


@pytest.mark.parametrize("what", ["diverges", "b", "w", "first"])
def test_nothing_is_known_of_a_run_that_is_not_over_here(page, what):
    found = truth(page, what, seen(epochs=50, rows=20))
    assert (found["known"], found["truth"]) == (False, None)
    assert found["words"].startswith("Not known yet")


@pytest.mark.parametrize("reason", ["cancelled", "failed"])
def test_nobody_knows_the_end_of_a_run_that_was_stopped(page, reason):
    found = truth(page, "b", seen(epochs=50, stop=reason))
    assert (found["known"], found["truth"]) == (False, None)
    assert "stopped before its end" in found["words"]


def test_truth_of_another_run_than_the_one_that_was_asked_about_is_not_told(page):
    found = truth(page, "b", seen(epochs=20), scenes=[seen(epochs=30)["scene"]])
    assert found["known"] is False
    assert "show it again" in found["words"]


def test_first_is_whoever_has_as_low_a_loss_after_the_fewest_epochs(page):
    rates = {"slow": 0.1, "fast": 0.4, "lost": 1.5}
    runs = [seen(name, learning_rate=rate, epochs=300) for name, rate in rates.items()]
    fast = Experiment(learning_rate=0.4, epochs=300)
    epoch = next(record.epoch for record in train(fast) if record.loss <= 1.01 * lowest_loss(fast))
    words = f"fast arrives first, at epoch {epoch}"
    assert truth(page, "first", *runs) == {"known": True, "truth": "fast", "words": words}


def test_first_counts_in_what_the_runs_are_compared_by(page):
    # After as many epochs, of which one has ten updates and the other a single one.
    one, other = seen("one", learning_rate=0.4, epochs=300), seen("other", learning_rate=0.3, epochs=300)
    assert truth(page, "first", one, other)["truth"] == "one"
    assert truth(page, "first", one | {"epochLength": 10}, other)["truth"] == "other"


def test_none_is_first_where_none_arrives_or_two_do_together(page):
    slow = seen("slow", learning_rate=0.01, epochs=20)
    assert truth(page, "first", slow, seen("lost", learning_rate=1.5, epochs=60))["words"] == "none of them arrives"
    one = seen("one", learning_rate=0.4, epochs=300)
    twin = one | {"name": "other", "scene": "other"}
    assert truth(page, "first", one, twin) == {"known": True, "truth": None, "words": "one and other arrive together"}


def texts(page: Page, *runs: dict[str, Any], front: int = 0) -> list[str]:
    body = "return m.aboutRuns(runs, given.front).map(({ text }) => text);"
    return run(page, "prepared", body, {"runs": runs, "front": front})


def test_questions_about_one_run_name_its_numbers(page):
    assert texts(page, seen(learning_rate=0.25, epochs=60)) == [
        "Will it diverge at a learning rate of 0.25?",
        "Where does b end after 60 epochs?",
        "Where does w end after 60 epochs?",
        "What is the loss after ten epochs at a learning rate of 0.25?",
    ]


def test_questions_about_several_runs_are_about_the_one_in_front_and_about_which_is_first(page):
    runs = seen("learning rate 0.1", epochs=9), seen("Adam", epochs=9, learning_rate=0.2)
    assert texts(page, *runs, front=1) == [
        "Adam: will it diverge?",
        "Which of these arrives first?",
        "Adam: where does b end after 9 epochs?",
        "Adam: where does w end after 9 epochs?",
    ]
    body = "return m.aboutRuns(runs, 0).find(({ about }) => about.what === 'first').choices;"
    assert run(page, "prepared", body, {"runs": runs}) == ["learning rate 0.1", "Adam"]


def test_nothing_is_asked_about_an_empty_stage(page):
    assert texts(page) == []


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (
            {"truth": "Yes", "words": "it diverges", "counts": {"choices": [["Yes", 181], ["No", 102]]}},
            "181 of 283 said yes; it diverges.",
        ),
        ({"truth": "No", "counts": {"choices": [["Yes", 3], ["No", 1]]}}, "1 of 4 said no, which is right."),
        ({"truth": None, "counts": {"choices": [["mean", 3], ["sum", 5]]}}, "5 of 8 said “sum”."),
        (
            {"truth": "Yes", "words": "it diverges", "counts": {"choices": [["Yes", 0], ["No", 0]]}},
            "Nobody has answered; it diverges.",
        ),
        ({"truth": 3, "counts": {"values": [1.5, 2.25, 4]}}, "3 have answered, with a median of 2.25; 3 is right."),
        ({"counts": {"values": [0.5]}}, "One has answered, with a median of 0.5."),
    ],
)
def test_what_came_of_a_question_is_said_in_a_sentence(page, question, words):
    counts = question["counts"]
    values = counts.get("values")
    if values:
        told = question | {"kind": "number", "counts": {"median": median(values), "answered": len(values)}}
    else:
        told = question | {"kind": "choice", "counts": counts | {"answered": sum(n for _, n in counts["choices"])}}
    assert run(page, "results", "return m.inWords(given.question);", {"question": told}) == words


def rows_of(page: Page, *asked: dict[str, Any]) -> list[dict[str, str]]:
    text = run(page, "questions_csv", "return m.questionsCsv(given.asked);", {"asked": asked})
    return list(csv.DictReader(io.StringIO(text, newline="")))


AT = "2026-11-26T13:00:00.000Z"


def test_csv_has_a_row_for_each_choice(page):
    text = 'Is it "large", or\nnot?'
    question = {"text": text, "kind": "choice", "choices": ["Yes", "No, never"], "truth": "No, never"}
    counts = {"choices": [["Yes", 1], ["No, never", 2]], "answered": 3}
    rows = rows_of(page, {"question": question, "at": AT, "counts": counts})
    shared = {"question": text, "kind": "choice", "truth": "No, never", "asked_at": AT}
    assert rows == [
        shared | {"choice": "Yes", "count": "1", "share": "0.3333"},
        shared | {"choice": "No, never", "count": "2", "share": "0.6667"},
    ]


def test_csv_has_a_row_for_each_bin_and_for_what_is_beyond_them(page):
    question = {"text": "b?", "kind": "number", "truth": -0.25}
    counts = {"bins": [[-1, -0.5, 1], [-0.5, 0, 6]], "below": 1, "above": 2, "answered": 10, "median": -0.2}
    rows = rows_of(page, {"question": question, "at": AT, "counts": counts})
    assert [(row["choice"], row["count"], row["share"]) for row in rows] == [
        ("below -1", "1", "0.1"),
        ("from -1 to -0.5", "1", "0.1"),
        ("from -0.5 to 0", "6", "0.6"),
        ("0 or above", "2", "0.2"),
    ]
    assert {row["truth"] for row in rows} == {"-0.25"}  # a number stays one


def test_csv_has_questions_that_nobody_answered_too(page):
    choice = {"text": "Which?", "kind": "choice", "choices": ["one", "two"]}
    number = {"text": "Where?", "kind": "number", "truth": None, "words": "it never gets there"}
    rows = rows_of(page, *({"question": one, "at": AT, "counts": None} for one in (choice, number)))
    assert [(row["choice"], row["count"], row["share"], row["truth"]) for row in rows] == [
        ("one", "0", "", ""),
        ("two", "0", "", ""),
        ("", "0", "", "it never gets there"),
    ]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_of_a_csv_is_a_formula_where_it_is_opened(page, sign):
    evil = f"{sign}HYPERLINK(1,2)"
    question = {"text": evil, "kind": "choice", "choices": [evil, "fine"], "truth": evil}
    row, _ = rows_of(page, {"question": question, "at": AT, "counts": None})
    assert (row["question"], row["choice"], row["truth"]) == (f"'{evil}",) * 3


@pytest.mark.parametrize(
    ("text", "kind", "choices", "problem"),
    [
        ("  ", "yes", "", "Write a question."),
        ("Which?", "choice", "one", "Write 2 to 8 choices, one a line."),
        ("Which?", "choice", "\n".join("abcdefghi"), "Write 2 to 8 choices, one a line."),
        ("Which?", "choice", "one\n one ", "Two of these choices are the same: write different ones."),
        (
            "Which?",
            "choice",
            f"one\n{'x' * 81}",
            "“xxxxxxxxxxxxxxxxxxxx…” is too long: a choice has at most 80 letters.",
        ),
    ],
)
def test_a_question_of_ones_own_that_cannot_be_asked_is_refused_in_a_sentence(page, text, kind, choices, problem):
    given = [text, kind, choices, ""]
    assert run(page, "ask_panel", "return m.ownQuestion(...given);", given) == {"problem": problem}


def test_a_question_of_ones_own_has_the_lines_as_choices_or_a_unit(page):
    body = "return m.ownQuestion(...given).question;"
    own = {"what": "own"}
    choices = {"text": "Which?", "kind": "choice", "choices": ["one", "two"], "about": own}
    assert run(page, "ask_panel", body, [" Which? ", "choice", "one\n\n two\n", ""]) == choices
    number = {"text": "How far?", "kind": "number", "unit": "m", "about": own}
    assert run(page, "ask_panel", body, ["How far?", "number", "", " m "]) == number
