"""Four steps, by hand: each step computes what the mathematics says, and so does what the chapter says of it."""

from __future__ import annotations

import re
from itertools import product

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression

from core import Experiment, Landscape, StopReason, train
from core.course import run_cell
from core.course.chapters.c02_four_steps import CHAPTER

CELLS = {cell.name: cell for cell in CHAPTER.cells}
EPOCHS = [1, 10, 100, 400, 1000]
RATES = [0.01, 0.1, 0.5, 0.8, 0.9]


def run(name: str, **chosen):
    return run_cell(CHAPTER, CELLS[name], chosen)


def choices(name: str) -> list[dict[str, float]]:
    """All that the cell's controls offer, together."""
    controls = CELLS[name].controls
    values = product(*(control.options for control in controls))
    return [dict(zip([control.name for control in controls], one, strict=True)) for one in values]


def points() -> tuple[np.ndarray, np.ndarray]:
    """The training points of the default experiment, drawn as its documentation says."""
    random = np.random.RandomState(42)
    x = random.rand(100, 1)
    y = 1 + 2 * x + 0.1 * random.randn(100, 1)
    order = np.arange(100)
    random.shuffle(order)
    return x[order[:80], 0], y[order[:80], 0]


def mean_loss(b: float, w: float) -> float:
    x, y = points()
    return float(np.mean((b + w * x - y) ** 2))


def gradient(b: float, w: float) -> tuple[float, float]:
    """By b and by w, as autograd finds them in float64."""
    x, y = map(torch.from_numpy, points())
    at = torch.tensor([b, w], dtype=torch.float64, requires_grad=True)
    torch.mean((at[0] + at[1] * x - y) ** 2).backward()
    return tuple(at.grad.tolist())


def hessian() -> np.ndarray:
    x, _ = points()
    features = np.column_stack([np.ones_like(x), x])
    return 2 * features.T @ features / len(x)


def best_line() -> tuple[float, float]:
    x, y = points()
    w, b = np.polyfit(x, y, 1)
    return b, w


def test_every_cell_starts_from_the_training_points_of_the_default_experiment():
    names = run("forward").names
    x, y = points()
    assert np.array_equal(names["x_train"][:, 0], x)
    assert np.array_equal(names["y_train"][:, 0], y)
    assert names["x_val"].shape == names["y_val"].shape == (20, 1)


# --- 1 forward --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", choices("forward"), ids=str)
def test_forward_predicts_every_point_with_the_chosen_line(chosen):
    outcome = run("forward", **chosen)
    x, y = points()
    expected = np.polynomial.Polynomial([chosen["intercept"], chosen["slope"]])(x)
    assert outcome.names["yhat"][:, 0] == pytest.approx(expected)
    low = int((expected < y).sum())
    assert list(map(int, re.findall(r"\d+", outcome.printed))) == [80, low, 80 - low]
    # No line on offer is near a border between two answers.
    assert outcome.answer == ("few" if low <= 20 else "about half" if 30 <= low <= 50 else "most" if low >= 60 else "")


def test_half_of_the_points_above_do_not_make_a_good_line():
    poor, good = run("forward", slope=0.0, intercept=2.0), run("forward", slope=2.0, intercept=1.0)
    assert poor.answer == good.answer == "about half"
    assert poor.conclusion == good.conclusion
    assert mean_loss(2.0, 0.0) > 40 * mean_loss(1.0, 2.0)


@pytest.mark.parametrize("chosen", choices("forward"), ids=str)
def test_told_whether_about_half_nearly_all_or_all_predictions_are_too_low_or_too_high(chosen):
    said = run("forward", **chosen).conclusion
    x, y = points()
    high = float(np.mean(chosen["intercept"] + chosen["slope"] * x > y))
    if said.startswith("About half of the points lie above the line"):
        assert 0.4 <= 1 - high <= 0.6
    elif said.startswith("Nearly all predictions are too high"):
        assert 0.9 <= high < 1
    elif said.startswith("Nearly all predictions are too low"):
        assert 0.9 <= 1 - high < 1
    else:
        assert said.startswith(f"All predictions are too {'high' if high else 'low'}.")
        assert high in (0, 1)
    assert "how **far** off" in said.lower()
    assert said.endswith("the next step.")
    assert [cell.name for cell in CHAPTER.cells][:2] == ["forward", "loss"]


@pytest.mark.parametrize("chosen", choices("forward"), ids=str)
def test_predictions_are_drawn_as_a_line_across_the_points(chosen):
    data, line = run("forward", **chosen).plot.series
    x, y = points()
    assert (data.x, data.y) == (x.tolist(), y.tolist())
    assert line.x == [x.min(), x.max()]
    assert line.y == pytest.approx([chosen["intercept"] + chosen["slope"] * at for at in line.x])


# --- 2 loss -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", choices("loss"), ids=str)
def test_loss_is_the_mean_of_the_squared_errors(chosen):
    outcome = run("loss", **chosen)
    w = chosen["slope"]
    x, y = (torch.from_numpy(column) for column in points())
    expected = torch.nn.MSELoss()(1 + w * x, y).item()
    assert outcome.names["loss"] == pytest.approx(expected, rel=1e-12)
    told = [float(number) for number in re.findall(r"\d+\.\d+", outcome.printed)]
    assert told == pytest.approx([(1 + w * x - y).abs().max().item(), expected], abs=5e-4)
    assert outcome.answer == ("about 0.01" if w == 2 else "more than 0.1")
    assert w == 2 or expected > 0.1


def test_loss_of_the_true_line_is_about_the_noise_squared():
    assert mean_loss(1, 2) == pytest.approx(0.1**2, abs=0.005)
    losses = [
        float(np.mean((0.1 * np.random.RandomState(seed).randn(80)) ** 2))  # what is left where b and w are true
        for seed in range(200)
    ]
    assert np.mean(losses) == pytest.approx(0.01, rel=0.05)


def test_loss_is_about_four_times_as_large_twice_as_far_from_the_true_line():
    told = {chosen["slope"]: run("loss", **chosen).names["loss"] for chosen in choices("loss")}
    assert told[4.0] / told[3.0] == pytest.approx(4, rel=0.05)
    assert told[0.0] / told[1.0] == pytest.approx(4, rel=0.05)


@pytest.mark.parametrize("chosen", choices("loss"), ids=str)
def test_line_is_a_point_on_the_parabola_that_is_drawn(chosen):
    parabola, here = run("loss", **chosen).plot.series
    assert parabola.y == pytest.approx([mean_loss(1, w) for w in parabola.x])
    assert (here.x, here.y) == ([chosen["slope"]], pytest.approx([mean_loss(1, chosen["slope"])]))
    assert min(parabola.x) < chosen["slope"] < max(parabola.x)


# --- 3 gradients ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", choices("gradients"), ids=str)
def test_gradients_on_paper_are_those_of_autograd(chosen):
    outcome = run("gradients", **chosen)
    expected = gradient(chosen["intercept"], chosen["slope"])
    assert (outcome.names["b_grad"], outcome.names["w_grad"]) == pytest.approx(expected, rel=1e-9)
    told = [float(number) for number in re.findall(r"-?\d+\.\d+", outcome.printed)]
    assert told == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("chosen", choices("gradients"), ids=str)
def test_sign_of_the_gradient_says_which_way_the_loss_falls(chosen):
    outcome = run("gradients", **chosen)
    b, w = chosen["intercept"], chosen["slope"]
    less, here, more = (mean_loss(b, w + change) for change in (-0.01, 0.0, 0.01))
    falls = {
        "positive": "a slightly smaller «w» lowers the «loss»" if less < here < more else "",
        "negative": "a slightly larger «w» lowers the «loss»" if less > here > more else "",
        "nearly 0": "hardly changes the «loss»" if max(abs(less - here), abs(more - here)) < 0.001 else "",
    }
    assert falls[outcome.answer]
    assert falls[outcome.answer] in outcome.conclusion


def test_true_slope_has_a_gradient_beside_a_wrong_intercept_where_another_slope_fits_better():
    x, y = points()
    for b in (0.0, 0.5, 1.5, 2.0):
        outcome = run("gradients", slope=2.0, intercept=b)
        assert outcome.answer == ("negative" if b < 1 else "positive")
        assert "another «w» fits better" in outcome.conclusion
        best = float(x @ (y - b) / (x @ x))  # least squares with this b
        assert mean_loss(b, best) < mean_loss(b, 2.0) - 0.1
        assert (best > 2) == (b < 1)
    assert run("gradients", slope=2.0, intercept=1.0).answer == "nearly 0"
    for chosen in choices("gradients"):
        if chosen["slope"] != 2.0:
            assert "true" not in run("gradients", **chosen).conclusion


@pytest.mark.parametrize("chosen", choices("gradients"), ids=str)
def test_gradient_is_drawn_as_the_tangent_of_the_loss(chosen):
    parabola, touching, here = run("gradients", **chosen).plot.series
    b, w = chosen["intercept"], chosen["slope"]
    assert parabola.y == pytest.approx([mean_loss(b, at) for at in parabola.x])
    assert (here.x, here.y) == ([w], pytest.approx([mean_loss(b, w)]))
    (left, right), (low, high) = touching.x, touching.y
    assert (low + high) / 2 == pytest.approx(mean_loss(b, w))
    assert (high - low) / (right - left) == pytest.approx(gradient(b, w)[1])
    assert (left + right) / 2 == pytest.approx(w)


# --- the check --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", choices("check"), ids=str)
def test_quotient_and_formula_agree_unless_the_step_is_tiny_or_large(chosen):
    outcome, h = run("check", **chosen), chosen["step"]
    slope = gradient(1.0, 3.0)[1]
    assert outcome.names["w_grad"] == pytest.approx(slope, rel=1e-9)
    assert outcome.answer == ("yes" if 1e-12 <= h <= 0.001 else "no")
    told = [float(number) for number in re.findall(r"\d+\.\d+", outcome.printed)]
    assert told == pytest.approx([outcome.names["quotient"], slope], abs=5e-7)


@pytest.mark.parametrize("h", [0.001, 0.1, 1.0])
def test_large_step_misses_by_the_bend_of_the_parabola(h):
    x, _ = points()
    names = run("check", step=h).names
    assert names["quotient"] - names["w_grad"] == pytest.approx(h * np.mean(x**2), rel=1e-6)


def test_tiny_step_misses_by_what_rounding_leaves():
    # Two losses near 0.3 differ by multiples of 2⁻⁵⁴, of which h = 1e-15 makes steps of more than 0.05.
    quotient = run("check", step=1e-15).names["quotient"]
    unit = 2.0**-54
    assert quotient * 1e-15 / unit == pytest.approx(round(quotient * 1e-15 / unit), abs=1e-6)
    assert unit / 1e-15 > 0.05


# --- 4 update ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", choices("update"), ids=str)
def test_update_is_a_step_of_sgd(chosen):
    outcome = run("update", **chosen)
    x, y = map(torch.from_numpy, points())
    b, w = (torch.zeros(1, dtype=torch.float64, requires_grad=True) for _ in range(2))
    optimizer = torch.optim.SGD([b, w], lr=chosen["rate"])
    ((b + w * x - y) ** 2).mean().backward()
    optimizer.step()
    after = mean_loss(b.item(), w.item())
    names = outcome.names
    assert (names["new_b"], names["new_w"]) == pytest.approx((b.item(), w.item()))
    assert outcome.printed.splitlines() == [
        f"b:    0.0 -> {b.item():.3f}",
        f"w:    0.0 -> {w.item():.3f}",
        f"loss: {mean_loss(0, 0):.3f} -> {after:.3f}",
    ]
    assert outcome.answer == ("it rises" if after > mean_loss(0, 0) else "it falls")


def test_step_that_is_too_long_raises_the_loss_and_the_edge_is_known():
    # Along the gradient g the loss is a parabola, as high as at the start again after 2 g·g / g·Hg.
    g = np.array(gradient(0.0, 0.0))
    edge = 2 * g @ g / (g @ hessian() @ g)
    for chosen in choices("update"):
        assert run("update", **chosen).answer == ("it rises" if chosen["rate"] > edge else "it falls")
    rates = [chosen["rate"] for chosen in choices("update")]
    assert min(rates) < edge < max(rates)


def test_direction_is_downhill_and_a_long_step_crosses_the_valley():
    g = np.array(gradient(0.0, 0.0))
    assert mean_loss(*(-1e-4 * g)) < mean_loss(0, 0)
    for rate in (0.8, 0.9, 1.2):
        names = run("update", rate=rate).names
        # On the other side of the valley the loss falls backwards.
        assert np.array(gradient(names["new_b"], names["new_w"])) @ g < 0
    for rate in (0.01, 0.1):
        names = run("update", rate=rate).names
        assert np.array(gradient(names["new_b"], names["new_w"])) @ g > 0


@pytest.mark.parametrize("chosen", choices("update"), ids=str)
def test_step_is_drawn_over_the_loss(chosen):
    outcome = run("update", **chosen)
    (step,) = outcome.plot.series
    b_grad, w_grad = gradient(0.0, 0.0)
    assert step.x == pytest.approx([0, -chosen["rate"] * b_grad])
    assert step.y == pytest.approx([0, -chosen["rate"] * w_grad])
    assert (outcome.plot.x, outcome.plot.y) == ("b", "w")
    b, w = np.array([-3.0, 0.5, 4.0]), np.array([2.0, -1.0, 3.0])
    assert outcome.plot.landscape.loss(b, w) == pytest.approx(list(map(mean_loss, b, w)))


# --- all together -----------------------------------------------------------------------------------------


def descent(rate: float, epochs: int) -> np.ndarray:
    """b and w of plain gradient descent from the engine's start, shape (epochs + 1, 2)."""
    x, y = points()
    features = np.column_stack([np.ones_like(x), x])
    random = np.random.RandomState(42)
    path = [np.array([random.randn(), random.randn()])]
    for _ in range(epochs):
        path.append(path[-1] - rate * 2 * features.T @ (features @ path[-1] - y) / len(x))
    return np.array(path)


@pytest.mark.parametrize("epochs", EPOCHS)
@pytest.mark.parametrize("rate", RATES)
def test_descent_arrives_within_a_thousandth_runs_away_or_is_on_its_way(epochs, rate):
    outcome = run("descent", epochs=epochs, learning_rate=rate)
    names = outcome.names
    assert (names["intercept"], names["slope"]) == pytest.approx(best_line())
    final = descent(rate, names["final_epoch"])[-1]
    assert (names["final_b"], names["final_w"]) == pytest.approx(final, rel=1e-9)
    miss = abs(final - best_line())
    if rate > 2 / np.linalg.eigvalsh(hessian())[-1]:
        assert outcome.answer == "it runs away"
        assert f"must stay below {2 / np.linalg.eigvalsh(hessian())[-1]:.3f}" in outcome.conclusion
    elif max(miss) <= 0.001:
        assert outcome.answer == "yes, within 0.001"
        assert "arrives where scikit-learn does" in outcome.conclusion
    else:
        assert outcome.answer == "not yet"
        assert f"«b» is still {miss[0]:.4f} and «w» {miss[1]:.4f} away" in outcome.conclusion
        assert "lower the «loss» further, although «b» or «w» alone may move away" in outcome.conclusion


def test_loop_is_the_engines_run_to_the_last_bit():
    for chosen in choices("descent"):
        names = run("descent", **chosen).names
        *_, last = train(Experiment(method="numpy", **chosen))
        final = tuple(names[f"final_{name}"] for name in ("epoch", "b", "w", "loss"))
        assert final == (last.epoch, last.b, last.w, last.loss)


def test_check_is_the_line_that_scikit_learn_finds():
    x, y = points()
    line = LinearRegression().fit(x[:, np.newaxis], y)
    names = run("descent").names
    assert (names["intercept"], names["slope"]) == pytest.approx((line.intercept_, line.coef_[0]))


@pytest.mark.parametrize("rate", [rate for rate in RATES if rate < 0.806])
def test_more_epochs_lower_the_loss_below_the_limit_although_b_or_w_alone_may_move_away(rate):
    path = descent(rate, 1000)
    above = np.array([mean_loss(b, w) for b, w in path]) - mean_loss(*best_line())
    reached = above < 1e-12  # from here on it is rounding
    assert (np.diff(above)[~reached[1:]] < 0).all()
    apart = abs(path - best_line())
    assert (np.diff(apart, axis=0) > 0.001).any()


def test_every_step_above_the_limit_lands_higher_up():
    path = descent(0.9, 34)
    assert (np.diff([mean_loss(b, w) for b, w in path]) > 0).all()


@pytest.mark.parametrize("epochs", EPOCHS)
@pytest.mark.parametrize("rate", RATES)
def test_b_and_w_of_every_epoch_are_drawn_beside_those_of_scikit_learn(epochs, rate):
    plot = run("descent", epochs=epochs, learning_rate=rate).plot
    b, w, best = plot.series
    path = descent(rate, b.x[-1])
    assert b.x == w.x == list(range(len(path)))
    assert b.y == pytest.approx(path[:, 0], rel=1e-9, abs=1e-12)
    assert w.y == pytest.approx(path[:, 1], rel=1e-9, abs=1e-12)
    assert (b.role, w.role) == ("b", "w")
    assert best.x == [b.x[-1]] * 2
    assert best.y == pytest.approx(best_line())


def test_program_shows_the_four_steps_in_their_order():
    source = run("descent").source
    places = [source.index(step) for step in ("# 1 forward", "# 2 loss", "# 3 backward", "# 4 update")]
    assert places == sorted(places)


# --- the chapter ------------------------------------------------------------------------------------------


def test_lab_opens_with_the_method_by_hand_and_mistakes_about_the_learning_rate():
    assert Experiment(method="numpy") == CHAPTER.experiment
    assert CHAPTER.mistakes == ("learning-rate", "scaling")
    run = train(CHAPTER.experiment)
    assert list(run)[-1].loss == pytest.approx(Landscape.of(*points()).loss_min)
    assert run.stop.reason is StopReason.FINISHED
