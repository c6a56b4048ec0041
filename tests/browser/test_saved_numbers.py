"""Numbers to take along: the same bytes as the command line prints of the same runs."""

from __future__ import annotations

import math
import struct
from random import Random

import pytest
from playwright.sync_api import expect
from saving import download
from stage import Stage

from core.__main__ import main


def saved(stage: Stage, press: str) -> tuple[str, str]:
    stage.button("Tools").click()
    name, contents = download(stage, press)
    return name, contents.decode()


def printed(capsys, *arguments: str) -> str:
    assert main([*arguments, "--format", "csv"]) == 0
    return capsys.readouterr().out


# --- floats -----------------------------------------------------------------------------------------------

POWERS = [10.0**power for power in range(-30, 31)]
HARD = [
    0.0, 1.0, 0.1, 0.1 + 0.2, 1 / 3, 2 / 3, 1e-4, 9.999999999999999e-05, 123456789012345.6, 9007199254740993.0,
    9999999999999998.0, 1e16, 1.2345678901234568e17, 1e21, 1e22, 5e-324, 2.2250738585072014e-308,
    1.7976931348623157e308, math.pi, 1e23, 8.41e21, 4.35, 0.000123, 100.0, math.inf, math.nan,
]  # fmt: skip


def some_floats(count: int) -> list[float]:
    """Of any size: their bits are drawn."""
    drawn = Random(7)
    return [struct.unpack("<d", drawn.randbytes(8))[0] for _ in range(count)]


def test_floats_are_written_as_python_writes_them(blank_page):
    values = [sign * value for value in (*POWERS, *HARD, *some_floats(4000)) for sign in (1, -1)]
    found = blank_page.evaluate(
        """async values => {
            const {repr} = await import("/app/static/stage/takeaway/python_float.js");
            return values.map(repr);
        }""",
        values,
    )
    # NaN has no sign in Python's eyes either.
    assert found == [repr(value) for value in values]


# --- records ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "arguments", "trained", "name"),
    [
        ("epochs=40", ["--epochs", "40"], "40", "records.csv"),
        ("epochs=300&learning_rate=0.9", ["--epochs", "300", "--learning-rate", "0.9"], "34", "records.csv"),
        (
            "epochs=30&validation=0&standardize=xy",
            ["--epochs", "30", "--validation", "0", "--standardize", "xy"],
            "30",
            "records.csv",
        ),
        (
            "epochs=25&method=numpy&versus=learning_rate:1e-05&versus=epochs:40,seed:7",
            ["--epochs", "25", "--method", "numpy", "--versus", "learning_rate:1e-05", "--versus", "epochs:40,seed:7"],
            "40",
            None,
        ),
    ],
    ids=["one", "diverged", "scaled-without-validation", "several"],
)
def test_records_are_those_that_the_command_line_prints(lab, capsys, query, arguments, trained, name):
    stage = lab(query, pace=0)
    stage.wait_for("stage.dataset.trained === given", trained)
    found, text = saved(stage, "Records as CSV")
    assert text == printed(capsys, *arguments)
    if name:
        assert found == name
    else:
        assert found.startswith("records-")
        assert found.endswith(".csv")


def test_ghost_is_no_run(lab, capsys):
    stage = lab("epochs=40&schedule=10:0.5", pace=0)
    stage.wait_runs(1)
    assert saved(stage, "Records as CSV")[1] == printed(capsys, "--epochs", "40", "--schedule", "10:0.5")


def test_of_a_run_that_still_trains_there_is_what_is_here_by_now(lab):
    stage = lab("n=1000000&epochs=100000&seed=311", pace=0)
    stage.train()
    stage.wait_trained(5)
    _, text = saved(stage, "Records as CSV")
    stage.click("Stop training")
    stage.button("Stop training").wait_for(state="hidden")
    header, *rows = text.splitlines()
    assert header == "epoch,b,w,loss,val_loss,b_grad,w_grad"
    assert [int(row.split(",")[0]) for row in rows] == list(range(len(rows)))
    assert 5 < len(rows) < 100_001
    assert text.endswith("\n")


# --- a sweep ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sweep", "more", "arguments"),
    [
        ("learning_rate:0.01:2.0:9", "", ["learning_rate", "--from", "0.01", "--to", "2", "--count", "9"]),
        ("n:10:60:6", "", ["n", "--from", "10", "--to", "60", "--count", "6"]),
        (
            "noise:0.0:1.0:5",
            "&standardize=xy&validation=0",
            ["noise", "--from", "0", "--to", "1", "--count", "5", "--standardize", "xy", "--validation", "0"],
        ),
    ],
)
def test_sweep_is_the_one_that_the_command_line_prints(lab, capsys, sweep, more, arguments):
    stage = lab(f"epochs=40&sweep={sweep}{more}", pace=0)
    stage.wait_sweep()
    name, text = saved(stage, "Sweep as CSV")
    assert text == printed(capsys, "--epochs", "40", "--sweep", *arguments)
    assert name == f"sweep-{arguments[0].replace('_', '-')}.csv"


def test_sweep_is_offered_only_where_there_is_one(lab):
    stage = lab("epochs=40", pace=0)
    stage.wait_runs(1)
    stage.button("Tools").click()
    expect(stage.page.get_by_role("button", name="Records as CSV")).to_be_visible()
    expect(stage.page.get_by_role("button", name="Sweep as CSV")).to_be_hidden()
