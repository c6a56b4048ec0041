"""The run as one page: what `python -m dashboard.webpage` writes, and what it says where it cannot."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opened import Opened, numbers, opened

from core import Experiment, shipped_table, sweep, sweep_values, train
from core.training.history import COLUMNS
from dashboard.webpage.__main__ import main
from dashboard.webpage.told import moments_kept

FIELDS = [name for name in COLUMNS if name != "epoch"]

Make = Callable[..., Opened]


@pytest.fixture
def make(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Make:
    """The page that the command writes for these options."""

    def made(*options: str) -> Opened:
        out = tmp_path / "run.html"
        assert main([*options, "--out", str(out)]) == 0
        assert capsys.readouterr().out == ""
        return opened(out.read_bytes())

    return made


def records_of(told: dict, run: int) -> list[tuple[float, ...]]:
    columns = told["runs"][run]["columns"]
    return list(zip(*(numbers(columns[name]) for name in FIELDS), strict=True))


def test_the_page_holds_the_records_of_all_runs_to_the_last_bit(make):
    told = make("--epochs", "60", "--versus", "learning_rate:0.5", "--versus", "optimizer:adam,epochs:40").told
    base = Experiment(epochs=60)
    variants = (replace(base, learning_rate=0.5), replace(base, method="optimizer", optimizer="adam", epochs=40))
    assert len(told["runs"]) == 3
    for run, experiment in enumerate((base, *variants)):
        assert records_of(told, run) == [record[1:] for record in train(experiment)]
        stop = told["runs"][run]["status"]["stop"]
        assert (stop["reason"], stop["epoch"]) == ("finished", experiment.epochs)


def test_a_run_that_diverges_is_told_as_far_as_it_went(make):
    told = make("--learning-rate", "5").told
    records = list(train(Experiment(learning_rate=5.0)))
    assert records_of(told, 0) == [record[1:] for record in records]
    assert told["runs"][0]["status"]["stop"]["reason"] == "diverged"
    assert told["runs"][0]["status"]["stop"]["epoch"] == records[-1].epoch


def test_the_link_leads_to_the_same_runs_in_the_lab_that_is_named(make):
    about = make("--n", "50", "--versus", "learning_rate:0.5", "--lab", "https://lab.example.org/course?x=1").about
    address = urlsplit(about["link"])
    assert (address.scheme, address.netloc, address.path) == ("https", "lab.example.org", "/course/")
    assert parse_qs(address.query) == {"n": ["50"], "versus": ["learning_rate:0.5"]}
    assert about["link"] == "https://lab.example.org/course/?n=50&versus=learning_rate:0.5"


def test_the_page_tells_what_it_was_made_with_and_holds_the_program(make):
    about = make("--epochs", "5").about
    assert "torch 2.13.0" in about["versions"]
    assert "Gradient Descent Lab 0.1.0" in about["versions"]
    compile(about["program"], "program.py", "exec")
    assert "learning rate 0.1, 5 epochs" in about["program"]


def test_the_letters_of_the_lab_come_along(tmp_path):
    main(["--epochs", "5", "--out", str(tmp_path / "run.html")])
    text = (tmp_path / "run.html").read_text()
    families = re.findall(
        r'@font-face { font-family: "([^"]+)"; [^}]*url\("data:font/woff2;base64,[A-Za-z0-9+/]{9999}', text
    )
    assert families == ["Source Sans", "Source Code Pro"]


def test_it_is_the_same_page_every_time(tmp_path):
    pages = []
    for name in "ab":
        out = tmp_path / f"{name}.html"
        main(["--epochs", "30", "--out", str(out)])
        pages.append(out.read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.parametrize("options", [[], ["--versus", "seed:1", "--versus", "seed:2"], ["--sweep", "learning_rate"]])
def test_a_page_of_a_thousand_epochs_is_smaller_than_seven_megabytes(tmp_path, options):
    out = tmp_path / "run.html"
    main([*options, "--epochs", "1000", "--out", str(out)])
    assert out.stat().st_size < 7_000_000


def test_a_sweep_is_on_the_page_with_its_losses(make):
    page = make("--epochs", "30", "--sweep", "learning_rate", "--from", "0.1", "--to", "1", "--count", "4")
    told = page.told["sweep"]
    base = Experiment(epochs=30)
    swept = sweep(base, "learning_rate", sweep_values(base, "learning_rate", 0.1, 1.0, 4))
    assert told["values"] == list(swept.values)
    assert numbers(told["losses"]) == pytest.approx(swept.loss.ravel(), nan_ok=True)
    assert parse_qs(urlsplit(page.about["link"]).query)["sweep"] == ["learning_rate:0.1:1.0:4"]


def test_what_happens_within_an_epoch_is_there_for_those_that_are_kept(make):
    (moments,) = make("--epochs", "400").told["moments"].values()
    epochs = json.loads(moments)["epochs"]
    assert sorted(map(int, epochs)) == moments_kept(401)
    records = list(train(Experiment(epochs=400)))
    for epoch in (0, 99, 400):
        loss = next(line for line in epochs[str(epoch)]["beats"]["loss"] if line["parts"][0] == "loss ")
        assert loss["parts"][1]["number"] == pytest.approx(records[epoch].loss, rel=1e-8)


@given(st.integers(1, 100_000))
def test_more_is_known_of_the_first_hundred_epochs_and_of_a_hundred_over_the_rest(count):
    kept = moments_kept(count)
    assert kept[: min(count, 100)] == list(range(min(count, 100)))
    assert kept[-1] == count - 1
    assert len(kept) == min(count, 200)
    assert kept == sorted(set(kept))


HOSTILE = '</script><script>alert(1)</script>,"<img src=x onerror=alert(1)>"'


def test_no_name_of_a_column_becomes_html(make, tmp_path):
    table = tmp_path / "<b>table.csv"
    table.write_text(f"{HOSTILE}\n" + "".join(f"{x},{2 * x + 1}\n" for x in range(12)))
    page = make("--data", str(table), "--learning-rate", "0.001", "--epochs", "5")
    clean = make("--epochs", "5")
    assert page.tags == clean.tags
    said = " ".join(page.about["notes"])
    assert "</script><script>alert(1)</script> as x" in said
    assert "<img src=x onerror=alert(1)> as y" in said
    assert "<b>table.csv" in said


def test_a_page_of_ones_own_table_has_no_link_and_says_so(make, tmp_path):
    table = tmp_path / "own.csv"
    table.write_text("years,pay\n" + "".join(f"{x},{2 * x + 1}\n" for x in range(12)))
    about = make("--data", str(table), "--learning-rate", "0.001", "--epochs", "5").about
    assert about["link"] == ""
    assert (
        "It holds all 12 points of the table own.csv, which its charts need: years as x and pay as y." in about["notes"]
    )
    assert "To change the run, start a lab and choose the table there." in about["notes"]
    assert "# 9 points to train on and 3 to validate: x is 'years', y is 'pay'" in about["program"]


def test_of_a_long_table_the_page_holds_no_more_than_its_charts_need(make, tmp_path):
    table = tmp_path / "long.csv"
    table.write_text("x,y\n" + "".join(f"{x / 3000},{x / 1000 + 1}\n" for x in range(3000)))
    page = make("--data", str(table), "--epochs", "5")
    assert page.about["program"] == ""
    assert any("1100 of the 3000 points" in note for note in page.about["notes"])
    assert any("The program, which needs all of them, is not in it" in note for note in page.about["notes"])


def test_points_that_other_runs_split_otherwise_are_counted_too(make, tmp_path):
    table = tmp_path / "long.csv"
    table.write_text("x,y\n" + "".join(f"{x / 3000},{x / 1000 + 1}\n" for x in range(3000)))
    page = make("--data", str(table), "--epochs", "2", "--versus", "seed:1", "--versus", "seed:2")
    held = set()
    for scene in page.told["scenes"].values():
        held.update(numbers(json.loads(scene)["points"]["index"]))
    (said,) = [re.search(r"It holds (\d+) of the 3000 points", note) for note in page.about["notes"] if "3000" in note]
    # Of those held out a hundred are drawn beside them in each run.
    assert len(held) <= int(said[1]) <= len(held) + 300


def test_a_file_that_is_called_like_a_table_of_the_lab_is_none(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iris").write_text("x,y\n" + "".join(f"{x},{2 * x + 1}\n" for x in range(12)))
    assert make("--data", "iris", "--learning-rate", "0.001", "--epochs", "5").about["link"] == ""


def test_the_program_says_of_which_runs_it_is(make):
    assert make("--epochs", "5").about["program_title"] == "The same run as a program"
    title = make("--epochs", "5", "--versus", "learning_rate:0.5").about["program_title"]
    assert title == "As a program: learning rate 0.1"


def test_a_table_that_every_lab_has_is_in_the_link(make):
    about = make("--data", "iris", "--epochs", "5").about
    x, y = shipped_table("iris").columns_for(None, None)
    query = parse_qs(urlsplit(about["link"]).query)
    assert (query["data"], query["x"], query["y"]) == (["iris"], [x], [y])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--epochs", "5"], "out is missing: name the file to be written, as --out run.html."),
        (["--out", "/nowhere/run.html"], "out must be a file in a folder that exists, but got '/nowhere/run.html'."),
        (["--out", "{}"], "out must be a file in a folder that exists"),
        (["--out", "{}/a.html", "--every", "5"], "a page holds every record: leave it out."),
        (["--out", "{}/a.html", "--format", "json"], "a page is always HTML: leave it out."),
        (["--out", "{}/a.html", "--lab", "javascript:alert(1)"], "lab must be the address of a lab"),
        (["--out", "{}/a.html", "--lab", "http://[::1"], "lab must be the address of a lab"),
        (["--out", "{}/a.html", "--values", "1,2"], "--values belongs to a sweep"),
        (["--out", "{}/a.html", "--epochs", "0"], "epochs must be"),
        (["--out", "{}/a.html", "--data", "iris", "--sweep", "noise"], "noise describes the synthetic line"),
        (["--out", "{}/a.html", "--versus", "learning_rat:1"], "did you mean learning_rate?"),
    ],
)
def test_a_bad_value_is_one_sentence_and_nothing_is_written(tmp_path, capsys, options, sentence):
    with pytest.raises(SystemExit) as ended:
        main([option.format(tmp_path) for option in options])
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert sentence in err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_said_to_be_so(tmp_path, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert main(["--epochs", "5", "--out", str(tmp_path / "run.html")]) == 1
    assert "cannot be written (No space left on device)." in capsys.readouterr().err
