"""Whatever is asked for: a sentence that says what to do, and a stage that works."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import expect
from stillness import wait_still

from core import Experiment, read_table, train

ALERT = "[data-testid='stAlert']"


def alerts(stage) -> list[str]:
    """The sentences that stand over the stage, as soon as there is one."""
    containers = stage.page.locator(ALERT).get_by_test_id("stMarkdownContainer")
    expect(containers.first).not_to_be_empty()
    texts = containers.all_inner_texts()
    return [line for text in texts for line in text.splitlines()]


def works(stage, **fields) -> None:
    """The stage plays the run of these fields, and nothing has broken."""
    records = list(train(Experiment(**fields)))
    stage.wait_run(records)
    assert stage.page.get_by_test_id("stException").count() == 0


def test_link_full_of_bad_values_names_each_and_trains_with_the_defaults(lab):
    bad = {
        "n": "abc",
        "noise": "nan",
        "learning_rate": "inf",
        "epochs": "",
        "seed": "-1",
        "true_b": "1e99",
        "true_w": "<script>alert(1)</script>",
        "method": "foo",
        "optimizer": "{}",
        "reduction": "median",
        "batch_size": "0",
        "device": "toaster",
        "tolerance": "'; DROP TABLE runs; --",
    }
    stage = lab("&".join(f"{name}={quote(value)}" for name, value in bad.items()))
    said = alerts(stage)
    assert len(said) == len(bad)
    for name, sentence in zip(bad, said, strict=True):
        assert sentence.startswith(f"{name} must be "), sentence
        assert sentence.endswith(" instead.")
    works(stage)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("n=20&n=30", "n must be given once, but was given 2 times. Using 100 instead."),
        ("learning_rate=" + "9" * 10_000, "(10002 characters). Using 0.1 instead."),
        ("method=numpy&optimizer=adam", "cannot use optimizer 'adam'"),
        ("device=cuda", "Using cpu instead."),
        ("data=unknown", "The data 'unknown' is not on this server"),
        ("data=iris&x=colour", "iris has no column 'colour'"),
        ("data=iris&x=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E", "iris has no column '<img src=x onerror=alert(1)>'"),
    ],
    ids=["repeated", "10 000 digits", "combination", "cuda", "unknown data", "unknown column", "markup"],
)
def test_link_that_cannot_be_honoured_is_explained_and_the_defaults_are_trained(lab, query, words):
    stage = lab(query)
    [sentence] = alerts(stage)
    assert words in sentence
    works(stage, method="numpy" if "numpy" in query else "autograd")
    assert stage.page.locator("img[src=x]").count() == 0


def test_stage_is_the_same_before_during_and_after_a_warning(lab):
    stage = lab("epochs=60&seed=202")
    stage.rest()
    stage.element.evaluate("stage => { stage.mark = 'same'; }")
    stage.more()
    stage.choose("Optimizer", "RMSprop")
    stage.page.locator(ALERT).wait_for()
    assert stage.element.evaluate("stage => stage.mark") == "same"
    stage.choose("Optimizer", "SGD")
    stage.page.locator(ALERT).wait_for(state="detached")
    assert stage.element.evaluate("stage => stage.mark") == "same"
    assert stage.epoch == 60


def test_warning_goes_away_with_the_next_change(lab):
    stage = lab("n=abc&epochs=60")
    assert len(alerts(stage)) == 1
    stage.type_number("Learning rate, exactly", "0.04")
    stage.page.locator(ALERT).wait_for(state="detached")
    works(stage, epochs=60, learning_rate=0.04)


def test_choice_that_the_method_cannot_honour_keeps_the_present_run(lab):
    stage = lab("epochs=50&seed=201")
    records = list(train(Experiment(epochs=50, seed=201)))
    stage.rest()
    stage.more()
    stage.choose("Optimizer", "Adam")
    stage.page.locator(ALERT).wait_for()
    assert "cannot use optimizer 'adam'" in alerts(stage)[0]
    assert (stage.epoch, stage.values[0]) == (50, records[-1].b)
    stage.choose("Method", "… as an nn.Module")
    stage.page.locator(ALERT).wait_for(state="detached")
    works(stage, epochs=50, seed=201, method="module", optimizer="adam")


ROWS = "\n".join(f"{i},{2 * i + 1 + (i % 3) / 10},{'red' if i % 2 else 'blue'}" for i in range(20))
GOOD = f"height,weight,colour\n{ROWS}\n".encode()


def test_own_csv_is_trained_on(lab):
    stage = lab("epochs=40&learning_rate=0.002")
    stage.rest()
    stage.upload(GOOD, "points.csv")
    dataset = read_table(GOOD, "points.csv").dataset("height", "weight", Experiment())
    records = list(train(Experiment(epochs=40, learning_rate=0.002), dataset))
    stage.wait_run(records)
    stage.page.wait_for_url("**data=**")
    expect(stage.plot("data").locator(".xtitle")).to_have_text("height")
    other = lab(stage.page.url.split("?")[1])
    other.wait_run(records)


def test_unusable_files_each_get_one_sentence_and_the_run_stays(lab):
    stage = lab("epochs=40&learning_rate=0.003")
    stage.rest()
    values = stage.values
    header = b"x,y\n"
    for contents, words in (
        (b"", "is empty"),
        (bytes(range(256)), "is not a text file"),
        (b"<!doctype html><html><body>404</body></html>", "is a web page, not a table"),
        (header + b"1,2\n", "has too few rows"),
        (header + b"5,1\n5,2\n5,3\n5,4\n5,5\n5,6\n", "is the same in every row"),
        (b"x,y\na,b\nc,d\ne,f\ng,h\ni,j\n", "needs two columns of numbers"),
    ):
        stage.upload(contents, "points.csv")
        alert = stage.page.locator(ALERT, has_text=words)
        alert.wait_for()
        assert len(alerts(stage)) == 1
        assert stage.page.get_by_test_id("stException").count() == 0
        assert stage.values == values
        delete = stage.page.get_by_test_id("stFileChipDeleteBtn")
        with stage.page.expect_response(lambda answer: answer.request.method == "DELETE"):
            delete.get_by_role("button").or_(delete.and_(stage.page.locator("button"))).first.click()
        delete.wait_for(state="detached")
        # Streamlit makes its file input anew once the server has heard of it: what is chosen before is lost with it.
        wait_still(stage.page)
