"""A sweep on the stage: in the place of the loss surface, growing with the playhead, with a value to take over."""

from __future__ import annotations

from dataclasses import replace
from math import log10

import numpy as np
import pytest
from playwright.sync_api import Locator, expect
from stage import Stage
from stillness import bounds, measured

from core import Experiment, Landscape, StopReason, Sweep, make_dataset, sweep, sweep_values, train

EPOCHS = 60
BASE = Experiment(epochs=EPOCHS)
SPAN = "learning_rate:0.01:3:9"
RATES = tuple(sweep_values(BASE, "learning_rate", 0.01, 3.0, 9))
SWEPT = sweep(BASE, "learning_rate", RATES)


def loss_at(result: Sweep, place: int, epoch: int) -> float:
    """The loss of a run of the sweep then: at its end where it has ended before; NaN once it is lost."""
    last = result.last[place]
    if result.reasons[place] is StopReason.DIVERGED and epoch >= last.epoch:
        return float("nan")
    kept = np.flatnonzero(result.epochs <= min(epoch, last.epoch))[-1]
    return float(result.loss[place, kept])


def picker(stage: Stage) -> Locator:
    return stage.element.get_by_role("slider", name="Value of the sweep", exact=True)


def words(stage: Stage) -> tuple[float, str]:
    """The value that is picked, and what is said of it."""
    value, _, said = stage.element.locator(".picked .words").inner_text().partition(": ")
    return float(value), said


@pytest.fixture(scope="module")
def swept_stage(visitors):
    stage = visitors.open(f"epochs={EPOCHS}&sweep={SPAN}", stay=True, pace=0)
    stage.wait_runs(1)
    stage.wait_sweep()
    yield stage
    visitors.leave(stage.page)


@pytest.fixture
def swept(swept_stage):
    """The sweep of a link over nine learning rates, of which the last diverge: for tests that only look at it."""
    swept_stage.seek(EPOCHS)
    swept_stage.wait_epoch(EPOCHS)
    return swept_stage


def read_out(value: float) -> float:
    """The value as it is swept over where nobody has asked for others: it can be read out."""
    return value if isinstance(value, int) else float(f"{value:.4g}")


def test_sweep_of_a_link_stands_in_the_place_of_the_surface(swept):
    assert "surface" not in swept.charts_shown
    assert "sweep" in swept.charts_shown
    assert swept.query == {"epochs": [str(EPOCHS)], "sweep": ["learning_rate:0.01:3.0:9"]}
    expect(swept.element.get_by_role("combobox", name="Sweep over")).to_have_value("learning_rate")
    landscape = Landscape.of(make_dataset(BASE).x_train, make_dataset(BASE).y_train)
    assert swept.trace("sweep", "limit")["x"] == [landscape.max_learning_rate] * 2
    assert swept.trace("sweep", "swings")["x"] == [landscape.max_learning_rate / 2] * 2


@pytest.mark.parametrize("epoch", [0, 1, 7, 30, EPOCHS])
def test_curve_has_the_losses_of_the_engine_up_to_the_playhead(swept, epoch):
    swept.seek(epoch)
    swept.wait_epoch(epoch)
    losses = np.array([loss_at(SWEPT, place, epoch) for place in range(len(RATES))])
    swept.wait_for(
        """(({x, y}) => y.length === given.length && y.every((value, i) =>
            given[i] === null ? !Number.isFinite(value) : value === given[i]))(
                stage.querySelector('[data-chart=sweep] .js-plotly-plot').data.find(({name}) => name === 'loss so far'))
        """,
        [None if np.isnan(loss) else loss for loss in losses],
    )
    gone = swept.trace("sweep", "diverged")["y"]
    assert [value is not None and np.isfinite(value) for value in gone] == list(np.isnan(losses))
    assert np.isnan(losses).any() == (epoch >= SWEPT.last[-1].epoch)


def test_every_value_can_be_picked_with_the_arrow_keys_and_says_what_it_has_come_to(swept):
    swept.seek(30)
    picker(swept).focus()
    swept.page.keyboard.press("Home")
    for place, rate in enumerate(RATES):
        value, said = words(swept)
        assert value == pytest.approx(rate, rel=1e-3)
        loss = loss_at(SWEPT, place, 30)
        if np.isnan(loss):
            assert said == f"diverged at {SWEPT.last[place].epoch}"
        else:
            number = said.removeprefix("loss ").replace("\u202f", "").replace("−", "-")
            assert float(number) == pytest.approx(loss, rel=1e-2)
        assert (
            picker(swept).get_attribute("aria-valuetext")
            == f"learning rate {swept.sweep.locator('.words').inner_text()}"
        )
        swept.page.keyboard.press("ArrowRight")
    # The keys of the slider are not the player's.
    assert swept.epoch == 30


def test_a_click_into_the_chart_picks_the_nearest_value(swept):
    for place in (2, 6):
        swept.click_chart("sweep", RATES[place] * 1.1, "log")
        swept.wait_for("stage.querySelector('.sweep-value').value === given", str(place))
        assert words(swept)[0] == pytest.approx(RATES[place], rel=1e-3)
    assert swept.epoch == EPOCHS


def test_the_run_stands_in_the_sweep_at_its_value_and_its_loss(swept):
    swept.seek(12)
    swept.wait_epoch(12)
    loss = list(train(BASE))[12].loss
    swept.wait_for(
        """(({x, y}) => x[0] === given[0] && y[0] === given[1])(
            stage.querySelector('[data-chart=sweep] .js-plotly-plot').data.find(({name}) => name === 'now'))""",
        [0.1, loss],
    )


def test_in_a_beat_the_surface_is_back(swept):
    swept.seek(5)
    swept.chart("loss").click(position={"x": 3, "y": 3})
    swept.page.evaluate("document.activeElement.blur()")
    swept.page.keyboard.press(".")
    swept.wait_for("stage.dataset.beat")
    assert "surface" in swept.charts_shown
    assert "sweep" not in swept.charts_shown
    swept.seek(5)
    swept.wait_for("stage.dataset.beat === ''")
    assert "sweep" in swept.charts_shown


def test_a_value_is_taken_over_or_put_beside_and_the_sweep_stays(lab):
    stage = lab(f"epochs={EPOCHS}&sweep={SPAN}", pace=0)
    stage.wait_runs(1)
    stage.wait_sweep()
    stage.click_chart("sweep", RATES[3], "log")
    taken, beside = (list(train(replace(BASE, learning_rate=RATES[place]))) for place in (3, 5))
    stage.sweep.get_by_role("button", name="Take over", exact=True).click()
    expect(stage.number_field("Learning rate, exactly")).to_have_value(f"{RATES[3]:.6g}")
    stage.wait_at(EPOCHS, taken[-1])
    stage.wait_runs(1)
    stage.seek(0)
    stage.wait_values(taken[0])
    stage.wait_query(epochs=[str(EPOCHS)], learning_rate=[repr(RATES[3])], sweep=["learning_rate:0.01:3.0:9"])
    stage.wait_sweep()
    expect(stage.sweep.get_by_role("button", name="Take over", exact=True)).to_be_disabled()

    picker(stage).focus()
    stage.page.keyboard.press("ArrowRight")
    stage.page.keyboard.press("ArrowRight")
    stage.sweep.get_by_role("button", name="Put beside", exact=True).click()
    stage.wait_runs(2, front=1)
    assert stage.query["versus"] == [f"learning_rate:{RATES[5]!r}"]
    stage.wait_at(EPOCHS, taken[-1], beside[-1])
    stage.wait_for(
        """JSON.stringify(given) === JSON.stringify(stage.querySelector('[data-chart=sweep] .js-plotly-plot')
            .data.filter(({name}) => name === 'now').map(({x}) => x[0]))""",
        [RATES[3], RATES[5]],
    )
    expect(stage.sweep.get_by_role("button", name="Put beside", exact=True)).to_be_disabled()


def test_sweep_is_opened_from_the_surface_over_any_of_the_fields_and_left_again(lab):
    stage = lab("epochs=20&n=30", pace=0)
    stage.wait_runs(1)
    stage.open_sweep()
    stage.wait_query(epochs=["20"], n=["30"], sweep=["learning_rate"])
    over = stage.element.get_by_role("combobox", name="Sweep over")
    for option, field in (("batch size", "batch_size"), ("noise", "noise"), ("seed", "seed"), ("N", "n")):
        over.select_option(option)
        stage.wait_query(epochs=["20"], n=["30"], sweep=[field])
        values = sweep_values(Experiment(epochs=20, n=30), field)
        stage.wait_for("stage.querySelector('.sweep-value').max === given", str(len(values) - 1))
        stage.wait_sweep(over=option)
        # Ones that can be read out, as nobody has asked for others.
        assert stage.trace("sweep", "loss so far")["x"] == list(map(read_out, values))
        # The run itself is picked first: its value, or the nearest.
        own = 24 if field == "batch_size" else getattr(Experiment(epochs=20, n=30), field)
        distances = [abs(log10(value / own)) if field in ("batch_size", "n") else abs(value - own) for value in values]
        assert words(stage)[0] == pytest.approx(values[int(np.argmin(distances))], rel=1e-3)
    stage.sweep.get_by_role("button", name="Surface", exact=True).click()
    stage.wait_query(epochs=["20"], n=["30"])
    stage.wait_for("stage.querySelector('[data-chart=surface]').checkVisibility()")
    assert not stage.sweep.is_visible()


def test_sweep_of_a_thousand_rates_is_trained_while_the_run_plays(lab):
    stage = lab("epochs=60&sweep=learning_rate", pace=0)
    stage.wait_runs(1)
    stage.wait_sweep()
    assert picker(stage).get_attribute("max") == "999"
    losses = stage.trace("sweep", "loss so far")
    assert losses["x"] == list(map(read_out, sweep_values(BASE, "learning_rate")))


def test_what_makes_no_sweep_is_said_in_words_and_the_surface_is_shown(lab):
    stage = lab("data=iris&epochs=20&learning_rate=0.01&sweep=noise", pace=0)
    stage.wait_runs(1)
    alert = stage.page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("noise describes the noisy line, and means nothing for a table.")
    assert "surface" in stage.charts_shown
    stage.open_sweep()
    expect(alert).to_have_count(0)


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)], ids="{0[0]}x{0[1]}".format)
def test_nothing_of_a_sweep_is_cut_off(swept, size):
    width, height = size
    swept.page.set_viewport_size({"width": width, "height": height})
    main = swept.page.get_by_test_id("stMain")
    assert measured(main, "main => main.scrollHeight - main.clientHeight") <= 0
    panel = bounds(swept.sweep)
    for part in ("header", ".picked", ".sweep-value", ".plot"):
        place = bounds(swept.sweep.locator(part))
        assert place["x"] >= panel["x"] - 1, part
        assert place["y"] >= panel["y"] - 1, part
        assert place["x"] + place["width"] <= panel["x"] + panel["width"] + 1, part
        assert place["y"] + place["height"] <= panel["y"] + panel["height"] + 1, part
