"""The page of the devices: what it shows before, during and after a measurement, which is one for all."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.training.devices.apart import Told
from core.training.devices.measuring import POINTS, Timing
from core.training.devices.ways import Way
from dashboard.devices import page as devices_page
from dashboard.devices.chart import draw_times
from dashboard.devices.shares import draw_shares
from dashboard.devices.words import why_few_are_slow
from dashboard.shared.palette import DARK, LIGHT

PAGE = Path(__file__).parents[3] / "dashboard" / "devices" / "devices.py"
WAYS = (Way("numpy", "NumPy"), Way("one-core", "PyTorch on one core", "numpy"))
GPU = Way("cuda", "PyTorch on Some GPU", "one-core", device="cuda")
# 10 + n/100 µs against 50 + n/1000 µs: one overtakes the other at about 4000.
TIMINGS = tuple(
    Timing(way, points, points * slope * 1e-6, 1e-6, (waiting - 1) * 1e-6)
    for points in POINTS
    for way, waiting, slope in (("numpy", 10, 0.01), ("one-core", 50, 0.001))
)
DONE = Told(WAYS, TIMINGS, len(TIMINGS), ("Other programs keep this machine busy.",))


class Stub:
    """A measurement that is as far as the test says."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.started = 0
        self.too_soon = 0.0

    def start(self) -> float:
        if not self.too_soon:
            self.started += 1
            self.told = Told(running=True)
        return self.too_soon


@pytest.fixture
def measuring(monkeypatch) -> Stub:
    stub = Stub(Told())
    monkeypatch.setattr(devices_page, "shared_measuring", stub)
    return stub


def open_page(**query: str | list[str]) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    return run(page)


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return " ".join(one.value for one in page.markdown)


def link(page: AppTest) -> list[str]:
    value = page.query_params.get("points", [])
    return value if isinstance(value, list) else [value]


# --- before, during, after --------------------------------------------------------------------------------


def test_nothing_is_measured_until_the_button_is_pressed(measuring):
    page = open_page()
    assert measuring.started == 0
    assert "What does an epoch cost" in words(page)
    assert not page.get("plotly_chart")
    page.button[0].click()
    run(page)
    assert measuring.started == 1
    assert page.button[0].disabled
    assert page.get("progress")


def test_whoever_comes_while_it_is_measured_sees_how_far_it_is(measuring):
    measuring.told = replace(DONE, timings=TIMINGS[:7], running=True, notes=())
    page = open_page()
    assert page.button[0].disabled
    (bar,) = page.get("progress")
    assert bar.proto.value == int(100 * 7 / len(TIMINGS))
    assert bar.proto.text == "NumPy, 300 points"
    assert page.get("plotly_chart")
    assert measuring.started == 0


def test_outcome_is_everybodys_and_can_be_measured_again(measuring):
    measuring.told = DONE
    page = open_page()
    assert page.button[0].label == "Measure again"
    assert not page.button[0].disabled
    assert page.get("plotly_chart")
    assert "From about 4\u202f000 points on, PyTorch on one core beats NumPy." in words(page)
    assert "**Why a GPU loses with 100 points.**" in words(page)
    assert page.caption[0].value.replace("\\", "") == "Other programs keep this machine busy."


def test_last_outcome_stays_on_the_page_below_the_progress_of_the_next(measuring):
    measuring.told = Told(WAYS, TIMINGS[:3], len(TIMINGS), running=True, before=DONE)
    page = open_page()
    (bar,) = page.get("progress")
    assert bar.proto.value == int(100 * 3 / len(TIMINGS))
    assert page.button[0].disabled
    assert "What does an epoch cost" not in words(page)
    assert page.get("plotly_chart")
    assert "PyTorch on one core beats NumPy." in words(page)  # which three timings do not show


def test_last_outcome_stays_on_the_page_when_the_next_one_fails(measuring):
    measuring.told = Told(WAYS, (), len(TIMINGS), ("It failed.",), before=DONE)
    page = open_page()
    assert page.button[0].label == "Measure again"
    assert "PyTorch on one core beats NumPy." in words(page)
    assert page.caption[0].value.replace("\\", "") == "Other programs keep this machine busy.  \nIt failed."


@pytest.mark.parametrize(("seconds", "when"), [(299.5, "in 5 minutes"), (61, "in 2 minutes"), (3, "in 1 minute:")])
def test_press_that_comes_too_soon_gets_a_sentence_that_says_when(measuring, seconds, when):
    measuring.told, measuring.too_soon = DONE, seconds
    page = open_page()
    assert not page.info
    page.button[0].click()
    run(page)
    assert measuring.started == 0
    assert when in page.info[0].value
    assert page.get("plotly_chart")
    assert not run(page).info


def test_measurement_that_failed_says_so_and_can_be_tried_again(measuring):
    measuring.told = Told(notes=("It failed.",))
    page = open_page()
    assert page.caption[0].value.replace("\\", "") == "It failed."
    assert not page.button[0].disabled


# --- the number of points and its link --------------------------------------------------------------------


def test_number_of_points_is_in_the_link(measuring):
    measuring.told = DONE
    page = open_page(points="1000000")
    assert page.select_slider[0].value == 1_000_000
    page.select_slider[0].set_value(30_000)
    run(page)
    assert link(page) == ["30000"]
    page.query_params["points"] = "10"  # as by the back button
    assert run(page).select_slider[0].value == 10


@pytest.mark.parametrize("asked", ["11", "", "many", ["10", "30"]])
def test_link_that_asks_for_what_there_is_not_gets_a_sentence(measuring, asked):
    measuring.told = DONE
    page = open_page(points=asked)
    assert page.select_slider[0].value == 100
    (problem,) = page.warning
    assert problem.value.replace("\\", "").endswith("These are 100.")


# --- what is drawn ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_chart_has_a_line_for_every_way_a_ring_and_the_palettes_colours(palette):
    figure = draw_times(WAYS, TIMINGS, 1000, palette)
    numpy, one_core, ring = figure.data
    assert (numpy.name, one_core.name) == ("NumPy", "PyTorch on one core")
    assert tuple(numpy.x) == POINTS
    assert tuple(numpy.y) == pytest.approx([10e-6 + points * 1e-8 for points in POINTS])
    assert ring.x[0] == pytest.approx(4400, rel=0.15)
    assert ring.y[0] == pytest.approx(54e-6, rel=0.15)
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    assert "10\u202fM" in figure.layout.xaxis.ticktext
    assert "10 µs" in figure.layout.yaxis.ticktext
    assert figure.layout.shapes[0].x0 == 1000
    assert set(re.findall(r"#[0-9a-f]{6}", str(figure.to_dict()))) <= set(palette.values())


def test_no_ring_is_drawn_where_none_overtakes():
    figure = draw_times(WAYS[:1], TIMINGS, 1000, LIGHT)
    assert [trace.name for trace in figure.data] == ["NumPy"]


def test_shares_are_those_of_the_chosen_number_and_say_what_is_missing():
    html = draw_shares((*WAYS, GPU), TIMINGS, 1000)
    assert "An epoch with 1\u202f000 points" in html
    assert "20 µs" in html  # NumPy's 10 of waiting and copying, 10 of computing
    assert "computing 10 µs · copying 1 µs · waiting 9 µs" in html
    assert [float(share) for share in re.findall(r"flex: ([\d.]+)", html)] == pytest.approx(
        [10 / 20, 1 / 20, 9 / 20, 1 / 51, 1 / 51, 49 / 51], abs=1e-3
    )
    assert html.count("not measured") == 1


def test_why_few_points_are_slow_is_told_of_the_gpu_where_there_is_one():
    on_gpu = Timing("cuda", 100, 0.0, 30e-6, 170e-6)
    told = why_few_are_slow((*WAYS, GPU), (*TIMINGS, on_gpu))
    assert "PyTorch on Some GPU takes 200 µs for an epoch of 100 points, 170 µs of it waiting" in told
    assert "no GPU" not in told
    without = why_few_are_slow(WAYS, TIMINGS)
    assert "This machine has no GPU that PyTorch can use" in without
    assert "PyTorch on one core takes 50.1 µs" in without
    assert why_few_are_slow(WAYS, TIMINGS[:2]) == ""
