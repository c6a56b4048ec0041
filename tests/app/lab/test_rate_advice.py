"""What stands at the learning rate: the slider's range, its zones, the limit, and a rate that one click takes."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from visit import link, open_page, run, watched, widget

from core import Experiment, Landscape, make_dataset, train
from core.geometry.advice import Zones
from dashboard.lab.advice import places, rungs_for
from dashboard.lab.points import table_points
from dashboard.lab.prepared import PREPARED
from dashboard.lab.uploads import shared_uploads

TODAY = [step * 10.0**k for k in range(-4, 1) for step in (1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8)] + [10.0]


def advised(page):
    """The button that takes the advised rate; None if there is none."""
    return next((button for button in page.button if button.label.startswith("Use ")), None)


def caption(page) -> str:
    """What is written under the slider, without its style."""
    return re.sub(r"<style>.*</style>|<span.*></span>", "", page.sidebar.caption[0].value).strip().replace("**", "")


def own_table(x, y) -> str:
    """What the link calls a table with these columns."""
    rows = "\n".join(f"{a!r},{b!r}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    return shared_uploads().add(f"x,y\n{rows}\n".encode(), "own.csv", "somebody")


def table(x, y, **query: str):
    return open_page(data=own_table(x, y), x="x", y="y", epochs="20", **query)


def test_one_click_takes_the_advised_rate_and_a_real_run_at_it_goes_down_at_once():
    page = open_page(epochs="20", learning_rate="1.5")
    button = advised(page)
    assert button.label == "Use **0.4**"
    button.click()
    run(page)
    assert watched(page).experiment == Experiment(epochs=20, learning_rate=0.4)
    assert link(page)["learning_rate"] == "0.4"
    assert widget(page.number_input, "learning_rate").value == 0.4
    assert widget(page.select_slider, "learning_rate_slider").value == 0.4
    losses = [record.loss for record in train(watched(page).experiment)]
    assert losses == sorted(losses, reverse=True)


def test_after_keep_the_advised_rate_is_that_of_a_new_run_beside_the_first():
    page = open_page(epochs="20", learning_rate="1.5")
    next(button for button in page.button if button.label == "Keep").click()
    run(page)
    advised(page).click()
    run(page)
    rates = [one.experiment.learning_rate for one in page.session_state["watching"].runs]
    assert rates == [1.5, 0.4]


def test_advice_is_that_of_the_run_in_front():
    page = open_page(epochs="20", versus="reduction:sum")
    assert advised(page).label == "Use **0.4**"
    page.session_state["comparing"].front = 1
    run(page)
    assert advised(page).label == "Use **0.005**"


def test_slider_of_the_default_data_goes_from_a_ten_thousandth_to_ten():
    landscape = Landscape.of(make_dataset(Experiment()).x_train, make_dataset(Experiment()).y_train)
    assert rungs_for(Experiment(), landscape) == pytest.approx(TODAY, rel=1e-12)


@given(st.floats(-1e8, 1e8), st.floats(1e-6, 1e6), st.sampled_from(["mean", "sum"]))
def test_slider_reaches_from_far_below_the_limit_to_beyond_it_whatever_the_data(centre, spread, reduction):
    x = centre + spread * np.linspace(-1, 1, 50)
    rungs = rungs_for(Experiment(reduction=reduction), Landscape.of(x, x, reduction))
    columns = np.stack([np.ones_like(x), x])
    limit = 2 / np.linalg.eigvalsh(2 * columns @ columns.T / (1 if reduction == "sum" else len(x)))[1]
    assert rungs == sorted(rungs)
    assert all(float(f"{rung:.3g}") == rung for rung in rungs)
    assert rungs[0] >= 1e-15
    assert rungs[-1] > 5 * limit
    if limit > 1e-11:
        assert rungs[0] < limit / 100


def test_with_adam_the_slider_reaches_a_rate_that_gets_to_a_far_minimum():
    x = np.linspace(1, 10, 20)
    far = Landscape.of(x, 26_000 + 9500 * x)
    experiment = Experiment(method="module", optimizer="adam")
    assert rungs_for(experiment, far)[-1] == 1000.0
    near = Landscape.of(x, 1 + 2 * x)
    assert rungs_for(experiment, near) == pytest.approx(TODAY, rel=1e-12)


def test_zones_begin_where_their_rates_are_between_the_slider_s_own_rungs():
    assert places(Zones(1.0, 10.0), [0.1, 1.0, 10.0]) == (0.5, 1.0)
    assert places(Zones(10**-0.5, 1e3), [0.1, 1.0, 10.0]) == pytest.approx((0.25, 1.0))
    assert places(Zones(1e-9, 0.1), [0.1, 1.0, 10.0]) == (0.0, 0.0)
    # The present rate, between two rungs, has a place of its own.
    assert places(Zones(1.0, 10.0), [0.1, 0.3, 1.0, 10.0]) == pytest.approx((2 / 3, 1.0))


def test_zones_are_written_in_words_as_well():
    value = open_page(epochs="20").sidebar.caption[0].value
    assert 'role="img" aria-label="Along the slider: smooth to 0.4027, swings to 0.8055, then diverges."' in value


def test_a_long_valley_is_described_and_a_round_one_is_not():
    assert caption(open_page(epochs="20")) == "Diverges at 0.8055"
    x = 1970 + np.arange(40.0)
    lines = caption(table(x, 0.02 * x, learning_rate="1e-07")).splitlines()
    assert len(lines) == 2
    assert re.fullmatch(r"Diverges at 0\.00000025\d\d *", lines[0])
    assert re.fullmatch(
        "κ = N: a valley N times longer than wide, about N epochs; standardised: κ = 1, about 31 at 0\\.1\\.".replace(
            "N", "[\\d\u202f]+"
        ),
        lines[1],
    )


def test_help_of_the_slider_says_what_the_zones_are_and_what_the_valley_is_like():
    said = widget(open_page(epochs="20").select_slider, "learning_rate_slider").help
    assert "smoothly up to 0.4027, swings up to 0.8055, and diverges beyond" in said
    columns = np.hstack([np.ones((80, 1)), make_dataset(Experiment()).x_train])
    flattest, steepest = np.linalg.eigvalsh(columns.T @ columns)
    shape = f"a valley {np.sqrt(steepest / flattest):.3g} times longer than wide"
    assert f"κ = {steepest / flattest:.2g}: {shape}, about " in said


def test_with_momentum_the_limit_is_its_own_and_that_of_plain_descent_stands_beside_it():
    page = open_page(epochs="20", method="module", optimizer="momentum")
    assert caption(page) == "Diverges at 1.530 (plain: 0.8055)"
    assert advised(page).label == "Use **0.4**"
    page = open_page(epochs="20", method="module", optimizer="momentum", batch_size="16")
    assert caption(page) == "Diverges at 1.530 (plain: 0.8055, full batch)"


@pytest.mark.parametrize("seed", [0, 1, 7, 42])
def test_limit_of_a_round_bowl_is_1_and_the_advised_rate_half_of_it_whatever_rounding_leaves(seed):
    page = open_page(epochs="20", standardize="x", seed=str(seed))
    assert caption(page) == "Diverges at 1.000"
    assert advised(page).label == "Use **0.5**"


def test_with_adam_a_minimum_too_far_to_be_reached_is_told_and_nothing_is_advised():
    x = np.linspace(1, 10, 20)
    page = table(x, 26_000 + 9500 * x, method="module", optimizer="adam", learning_rate="0.1")
    assert advised(page) is None
    assert "The minimum is 26\u202f000 away: at 0.1 about 260\u202f000 epochs." in caption(page)
    assert "away" not in caption(open_page(epochs="200", method="module", optimizer="adam"))


def test_for_small_batches_the_limit_is_that_of_the_full_batch_and_nothing_is_advised():
    page = open_page(epochs="20", batch_size="16")
    assert caption(page) == "Diverges at 0.8055 (full batch)"
    assert advised(page) is None


def test_where_no_rate_is_small_enough_the_cure_is_named():
    x = 1e8 + 1e7 * np.arange(40.0)
    page = table(x, x)
    assert advised(page) is None
    assert caption(page).endswith("No rate is small enough for these data: standardise x.")


def test_rates_down_to_a_millionth_of_a_billionth_are_taken():
    page = open_page(epochs="20", learning_rate="1e-15")
    assert watched(page).experiment.learning_rate == 1e-15
    assert widget(page.number_input, "learning_rate").value == 1e-15


def test_prepared_rates_around_the_limit_leave_out_what_no_experiment_takes():
    x = 1e7 + 1e5 * np.arange(40.0)
    digest = own_table(x, x)
    limit = 2 / np.linalg.eigvalsh(np.stack([np.ones(40), x]) @ np.stack([np.ones(40), x]).T / 20)[1]
    assert 1e-15 < limit < 1e-14
    changes = PREPARED["Learning rates around the limit"](Experiment(), table_points(digest, "x", "y", Experiment()))
    rates = [change["learning_rate"] for change in changes]
    assert 0 < len(rates) < 5
    assert min(rates) >= 1e-15
