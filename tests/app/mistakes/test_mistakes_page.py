"""The page of the mistakes: every one opens by its link, shows what really ran, and is drawn to be read."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import Experiment, make_dataset
from core.mistakes import MISTAKES
from dashboard.mistakes.figures import make_figures
from dashboard.shared.palette import DARK, LIGHT

PAGE = Path(__file__).parents[3] / "dashboard" / "mistakes" / "mistakes.py"
BY_NAME = {mistake.name: mistake for mistake in MISTAKES}
DRAWN = ["zero-grad", "sub-batches", "broadcast", "sum", "half", "learning-rate", "scaling"]
each_mistake = pytest.mark.parametrize("name", list(BY_NAME))


def open_page(**query: str | list[str]) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    return run(page)


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def choose(page: AppTest, name: str) -> AppTest:
    page.sidebar.radio[0].set_value(name)
    return run(page)


def link(page: AppTest) -> list[str]:
    value = page.query_params.get("mistake", [])
    return value if isinstance(value, list) else [value]


def shown(page: AppTest) -> str:
    return page.header[0].value


def problems(page: AppTest) -> list[str]:
    """What the page complains of, but for PyTorch's warnings; backslashes only keep Markdown from reading it."""
    return [one.value.replace("\\", "") for one in page.warning if "PyTorch warns" not in one.value]


def blocks(page: AppTest) -> list[str]:
    return [block.value for block in page.code]


def charts(page: AppTest) -> int:
    return len(page.get("plotly_chart"))


# --- the choice and its link ------------------------------------------------------------------------------


def test_fresh_page_shows_the_first_mistake_and_lists_all():
    page = open_page()
    assert shown(page) == MISTAKES[0].title
    assert list(page.sidebar.radio[0].options) == [mistake.title for mistake in MISTAKES]
    assert link(page) == []


@each_mistake
def test_mistake_opens_by_its_link(name):
    page = open_page(mistake=name)
    assert shown(page) == BY_NAME[name].title
    assert page.sidebar.radio[0].value == name
    assert problems(page) == []


@pytest.mark.parametrize("name", ["nonsense", "", "UPDATE", "<script>alert(1)</script>", "x" * 10_000, "[a](http://b)"])
def test_unknown_mistake_is_named_with_the_choices_and_the_first_is_shown(name):
    page = open_page(mistake=name)
    assert shown(page) == MISTAKES[0].title
    (sentence,) = problems(page)
    assert sentence.startswith(f"There is no mistake {name[:8]!r}"[:25])
    assert ", ".join(BY_NAME) in sentence
    assert len(sentence) < 300


def test_mistake_given_twice_is_refused():
    page = open_page(mistake=["numpy", "sum"])
    assert shown(page) == MISTAKES[0].title
    assert problems(page) == ["mistake must be given once, but was given 2 times. This is the first of them."]


def test_link_follows_the_choice_and_keeps_what_is_not_ours():
    page = open_page(embed_options="dark_theme")
    for name in ("numpy", "sum", "update"):
        choose(page, name)
        assert shown(page) == BY_NAME[name].title
        assert link(page) == [name]
    assert page.query_params["embed_options"] in ("dark_theme", ["dark_theme"])


def test_what_was_wrong_with_the_link_is_forgotten_with_the_next_choice():
    page = choose(open_page(mistake="nonsense"), "sum")
    assert problems(page) == []
    assert link(page) == ["sum"]


def test_page_follows_a_link_that_changes_as_by_the_back_button():
    page = choose(open_page(mistake="numpy"), "sum")
    page.query_params["mistake"] = "numpy"
    run(page)
    assert shown(page) == BY_NAME["numpy"].title
    assert page.sidebar.radio[0].value == "numpy"


def test_link_that_lags_behind_a_click_takes_nothing_back():
    page = choose(open_page(mistake="numpy"), "sub-batches")
    page.query_params["mistake"] = "numpy"
    choose(page, "sum")
    assert shown(page) == BY_NAME["sum"].title
    assert link(page) == ["sum"]
    choose(page, "sub-batches")
    page.query_params["mistake"] = "sum"
    page.slider[0].set_value(5)
    assert shown(run(page)) == BY_NAME["sub-batches"].title


# --- what is shown ----------------------------------------------------------------------------------------


@each_mistake
def test_page_shows_the_code_that_ran_and_all_that_came_of_it(name):
    page, mistake = open_page(mistake=name), BY_NAME[name]
    for attempt, outcome in zip(mistake.attempts, mistake.run(), strict=True):
        assert attempt.source in blocks(page)
        if outcome.printed:
            assert "\n".join(outcome.printed) in blocks(page)
        if outcome.error:
            assert outcome.error in blocks(page)
        for warning in outcome.warned:
            assert warning in blocks(page)
    words = " ".join(one.value for one in page.markdown)
    assert mistake.look_for in words
    for sentence in mistake.findings(mistake.run()):
        assert sentence in words
    assert mistake.cure in page.success[0].value
    assert charts(page) == len(make_figures(mistake, mistake.run(), LIGHT))


def test_failures_say_in_which_epoch_and_line():
    page = open_page(mistake="update")
    assert [error.value for error in page.error] == ["**Failed in epoch 1, line 9:**", "**Failed in epoch 1, line 6:**"]
    assert any("It printed nothing." in one.value for one in page.caption)
    assert [error.value for error in open_page(mistake="backward").error] == ["**Failed, line 6:**"]
    assert "Diverged at epoch 3" in open_page(mistake="sum").error[0].value


def test_visitor_chooses_the_number_of_parts():
    page = open_page(mistake="sub-batches")
    slider = page.slider[0]
    assert (slider.min, slider.max) == (2, 8)
    slider.set_value(7)
    run(page)
    assert shown(page) == BY_NAME["sub-batches"].title
    assert any(block.startswith("sizes=[12, 12, 12, 11, 11, 11, 11]\n") for block in blocks(page))


# --- the charts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", DRAWN)
def test_chart_is_readable_and_takes_its_colours_from_the_palette(name, palette):
    figures = make_figures(BY_NAME[name], BY_NAME[name].run(), palette)
    assert figures
    for figure in figures:
        layout = figure.layout
        assert all((layout.title.text, layout.xaxis.title.text, layout.yaxis.title.text))
        sizes = (layout.title, layout.legend, layout.xaxis.title, layout.yaxis.title, layout.xaxis.tickfont)
        assert min(getattr(part, "font", part).size for part in sizes) >= 14
        assert layout.height
        assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
        assert set(re.findall(r"#[0-9a-f]{6}", str(figure.to_dict()))) <= set(palette.values())
        named = [trace.name for trace in figure.data if trace.showlegend is not False]
        assert len(set(named)) == len(named) >= 3


@pytest.mark.parametrize("name", sorted(set(BY_NAME) - set(DRAWN)))
def test_mistake_that_a_message_tells_has_no_chart(name):
    assert make_figures(BY_NAME[name], BY_NAME[name].run(), LIGHT) == []


@pytest.mark.parametrize("name", ["sum", "learning-rate"])
def test_loss_curves_are_the_records_of_the_runs_on_a_logarithmic_axis(name):
    outcomes = BY_NAME[name].run()
    (figure,) = make_figures(BY_NAME[name], outcomes, LIGHT)
    assert figure.layout.yaxis.type == "log"
    for trace, outcome in zip(figure.data, outcomes, strict=True):
        assert (tuple(trace.x), tuple(trace.y)) == (outcome.columns["epoch"], outcome.columns["loss"])


def test_paths_are_drawn_whole_within_the_surface():
    outcomes = BY_NAME["zero-grad"].run()
    path, grads = make_figures(BY_NAME["zero-grad"], outcomes, LIGHT)
    for trace, outcome in zip(path.data[1:3], outcomes, strict=True):
        assert (tuple(trace.x), tuple(trace.y)) == (outcome.columns["b"], outcome.columns["w"])
        assert path.layout.xaxis.range[0] < min(trace.x) <= max(trace.x) < path.layout.xaxis.range[1]
        assert path.layout.yaxis.range[0] < min(trace.y) <= max(trace.y) < path.layout.yaxis.range[1]
    assert tuple(grads.data[0].y) == outcomes[0].columns["b_grad"]
    assert tuple(grads.data[3].y) == outcomes[1].columns["w_grad"]


def test_scaled_and_unscaled_paths_are_drawn_whole_with_their_minimum():
    _, *outcomes = ran = BY_NAME["scaling"].run()
    *paths, loss = make_figures(BY_NAME["scaling"], ran, LIGHT)
    points = make_dataset(Experiment())
    x, y = points.x_train[:, 0], points.y_train[:, 0]
    for feature, figure, outcome in zip((1000 * x, (x - x.mean()) / x.std()), paths, outcomes, strict=True):
        _, path, start, minimum = figure.data
        w, b = np.polyfit(feature, y, 1)
        assert (tuple(path.x), tuple(path.y)) == (outcome.columns["b"], outcome.columns["w"])
        assert (start.x[0], start.y[0]) == (path.x[0], path.y[0])
        assert (minimum.x[0], minimum.y[0]) == pytest.approx((b, w))
        for axis, values in ((figure.layout.xaxis, (*path.x, b)), (figure.layout.yaxis, (*path.y, w))):
            assert axis.range[0] < min(values) <= max(values) < axis.range[1]
    assert paths[1].layout.yaxis.scaleanchor == "x"  # what is called round looks round
    for trace, outcome in zip(loss.data, outcomes, strict=False):
        assert tuple(trace.y) == outcome.columns["loss"]
    assert loss.layout.yaxis.type == "log"


def test_lines_that_come_of_the_shapes_are_drawn_over_the_points_from_end_to_end():
    _, wrong, right = ran = BY_NAME["broadcast"].run()
    line, slope = make_figures(BY_NAME["broadcast"], ran, LIGHT)
    points = make_dataset(Experiment())
    dots, *drawn = line.data
    assert (list(dots.x), list(dots.y)) == (points.x_train[:, 0].tolist(), points.y_train[:, 0].tolist())
    for trace, steps, outcome in zip(drawn, slope.data, (wrong, right), strict=False):
        ends = np.array([min(dots.x), max(dots.x)])
        assert list(trace.x) == ends.tolist()
        assert list(trace.y) == pytest.approx(outcome.columns["b"][-1] + outcome.columns["w"][-1] * ends)
        assert tuple(steps.y) == outcome.columns["w"]


def test_runs_that_are_the_same_lie_on_one_another():
    losses, parameters = make_figures(BY_NAME["half"], BY_NAME["half"].run(), LIGHT)
    same, twice, half = losses.data
    assert same.y == twice.y
    assert half.y[-1] == pytest.approx(same.y[30], rel=0.01)
    for below, above in (parameters.data[:2], parameters.data[2:]):
        assert below.y == above.y
        assert below.line.width > above.line.width
