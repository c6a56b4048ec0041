"""The mistakes: they fail as PyTorch fails, go wrong as the mathematics says, and leave no trace behind."""

from __future__ import annotations

import inspect
import math
import re
import threading
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from core.mistakes import MISTAKES, Attempt, Mistake, Outcome

BY_NAME = {mistake.name: mistake for mistake in MISTAKES}
ATTEMPTS = [
    pytest.param(mistake, number, id=f"{mistake.name}-{attempt.label}")
    for mistake in MISTAKES
    for number, attempt in enumerate(mistake.attempts)
]


def outcomes(name: str, chosen: int | None = None) -> tuple[Outcome, ...]:
    return BY_NAME[name].run(chosen)


def points() -> tuple[np.ndarray, np.ndarray]:
    """The training points of the default experiment, drawn as its documentation says."""
    random = np.random.RandomState(42)
    x = random.rand(100, 1)
    y = 1 + 2 * x + 0.1 * random.randn(100, 1)
    order = np.arange(100)
    random.shuffle(order)
    return x[order[:80]], y[order[:80]]


def start() -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(42)
    return torch.randn(1, generator=random), torch.randn(1, generator=random)


def mean_loss(b: float, w: float) -> float:
    x, y = points()
    return float(((b + w * x - y) ** 2).mean())


def descent(rate: float, epochs: int = 60, data=None, at=None) -> np.ndarray:
    """b and w of plain gradient descent on the mean, in float64: shape (epochs + 1, 2)."""
    x, y = data or points()
    features = np.hstack([np.ones_like(x), x])
    path = [np.array([value.item() for value in at or start()])]
    for _ in range(epochs):
        error = features @ path[-1] - y[:, 0]
        path.append(path[-1] - rate * 2 * features.T @ error / len(x))
    return np.array(path)


def losses(path: np.ndarray, data=None) -> np.ndarray:
    """The mean of the squared errors along a path."""
    x, y = data or points()
    return ((path[:, :1] + path[:, 1:] * x.T - y.T) ** 2).mean(axis=1)


def path_of(outcome: Outcome) -> np.ndarray:
    return np.column_stack([outcome.columns["b"], outcome.columns["w"]])


def hessian(data=None) -> np.ndarray:
    x, _ = data or points()
    features = np.hstack([np.ones_like(x), x])
    return 2 * features.T @ features / len(x)


def leaf() -> torch.Tensor:
    return torch.ones(1, requires_grad=True)


def raised_by(cause) -> str:
    with pytest.raises((AttributeError, RuntimeError)) as caught:
        cause()
    return f"{caught.type.__name__}: {caught.value}"


def warned_of_a_copy() -> str:
    copy = leaf() * 1
    with pytest.warns(UserWarning, match="not a leaf") as caught:
        assert copy.grad is None
    return re.sub(r" \(Triggered internally .*", "", f"UserWarning: {caught[0].message}")


# --- the messages are PyTorch's own -----------------------------------------------------------------------


def test_reassigned_parameter_has_no_gradient_to_clear_in_the_first_epoch():
    def clear_nothing():
        grad = None
        grad.zero_()

    reassigned = outcomes("update")[0]
    assert reassigned.error == raised_by(clear_nothing)
    assert reassigned.warned == (warned_of_a_copy(),)
    assert (reassigned.failed_at, failing_line("update", 0)) == (1, "b.grad.zero_()")
    assert len(reassigned.printed) == 1
    assert "grad_fn=<SubBackward0>" in reassigned.printed[0]


def test_leaf_changed_in_place_is_refused_before_anything_is_printed():
    def change():
        parameter = leaf()
        parameter -= 1

    in_place = outcomes("update")[1]
    assert in_place.error == raised_by(change)
    assert (in_place.failed_at, failing_line("update", 1)) == (1, "b -= lr * b.grad")
    assert in_place.printed == ()


def test_update_without_gradient_walks_as_torch_optim_does():
    x, y = (torch.as_tensor(column).float() for column in points())
    b, w = (value.requires_grad_() for value in start())
    optimizer = torch.optim.SGD([b, w], lr=0.1)
    for epoch, line in enumerate(outcomes("update")[2].printed, start=1):
        ((b + w * x - y) ** 2).mean().backward()
        optimizer.step()
        optimizer.zero_grad()
        assert line == f"epoch={epoch}  b={b.detach().requires_grad_()}  w={w.detach().requires_grad_()}"
    assert epoch == 5


def test_copy_of_a_parameter_warns_and_keeps_no_gradient():
    before, after, there = outcomes("device")
    assert before.error is None
    assert before.warned == (warned_of_a_copy(),)
    assert "is_leaf=False" in before.printed[0]
    assert before.printed[-1] == "grad=None"
    for cured in (after, there):
        assert "is_leaf=True" in cured.printed[0]
    # The derivative of (b - 1)² at the seed's first number.
    assert after.columns["grad"] == pytest.approx([2 * (start()[0].item() - 1)])


def test_array_of_a_tensor_in_a_graph_is_refused_and_detached_it_has_its_numbers():
    straight, detached = outcomes("numpy")
    assert straight.error == raised_by(lambda: (leaf() * 2).numpy())
    assert straight.failed_at is None
    assert failing_line("numpy", 0) == "line = yhat.numpy()"
    x, _ = points()
    b, w = (value.item() for value in start())
    shown = [float(number) for number in re.findall(r"-?\d+\.\d+", detached.printed[-1])]
    assert shown == pytest.approx((b + w * x[:3, 0]).tolist())


def test_second_backward_is_refused_and_with_the_graph_retained_it_doubles_the_gradient():
    def walk_twice():
        squared = leaf() ** 2
        squared.backward()
        squared.backward()

    twice, again, retained = outcomes("backward")
    assert twice.error == raised_by(walk_twice)
    assert (twice.failed_line, failing_line("backward", 0)) == (6, "loss.backward()")
    b, w = (value.item() for value in start())
    slope = (mean_loss(b + 1e-6, w) - mean_loss(b - 1e-6, w)) / 2e-6
    assert twice.columns["b_grad"] == pytest.approx([slope], rel=1e-5)
    assert again.columns["b_grad"] == pytest.approx([slope, slope], rel=1e-5)
    assert retained.columns["b_grad"] == pytest.approx([slope, 2 * slope], rel=1e-5)


def test_layer_of_float32_refuses_float64_in_its_first_product():
    straight = outcomes("dtype")[0]
    layer = nn.utils.skip_init(nn.Linear, 1, 1)
    assert straight.error == raised_by(lambda: layer(torch.zeros(1, 1, dtype=torch.float64)))
    assert (straight.failed_at, failing_line("dtype", 0)) == (0, "loss = loss_fn(layer(x), y)")
    assert straight.printed == ("x=torch.float64", "weight=torch.float32")


def test_layer_and_data_of_one_type_train_in_either():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(42)
        layer = nn.Linear(1, 1)
    _, single, double = outcomes("dtype")
    expected = losses(descent(0.1, epochs=3, at=(layer.bias, layer.weight)))
    assert single.columns["loss"] == pytest.approx(expected, rel=1e-5)
    assert double.columns["loss"] == pytest.approx(expected, rel=1e-14)
    assert single.printed[:2] == ("x=torch.float32", "weight=torch.float32")
    told = BY_NAME["dtype"].findings(outcomes("dtype"))[0]
    apart = max(abs(one / other - 1) for one, other in zip(single.columns["loss"], expected, strict=True))
    assert "take 640 bytes as `float64` and 320 as `float32`" in told
    assert f"at most {apart:.1g} of" in told


def test_loss_function_warns_of_two_shapes_once_and_the_same_loss_by_hand_says_nothing():
    with pytest.warns(UserWarning, match="target size") as caught:
        nn.MSELoss()(torch.zeros(80, 1), torch.zeros(80))
    warned, by_hand, shaped = outcomes("broadcast")
    assert warned.warned == (f"UserWarning: {caught[0].message}",)
    assert warned.printed[0] == "x=torch.Size([80, 1])  y=torch.Size([80])"
    assert by_hand.warned == shaped.warned == ()
    assert by_hand.printed[0] == "error=torch.Size([80, 80])"
    assert shaped.printed[0] == "error=torch.Size([80, 1])"


def failing_line(name: str, number: int) -> str:
    mistake = BY_NAME[name]
    line = mistake.run()[number].failed_line
    return mistake.attempts[number].source.splitlines()[line - 1].strip()


# --- the curves are those of the mathematics --------------------------------------------------------------


def test_forgotten_zero_is_sgd_with_momentum_one():
    x, y = (torch.as_tensor(column).float() for column in points())
    b, w = (value.requires_grad_() for value in start())
    optimizer = torch.optim.SGD([b, w], lr=0.1, momentum=1.0)
    expected = []
    for _ in range(61):
        expected.append([b.item(), w.item()])
        optimizer.zero_grad()
        ((b + w * x - y) ** 2).mean().backward()
        optimizer.step()
    assert path_of(outcomes("zero-grad")[0]) == pytest.approx(np.array(expected), abs=1e-5)


def test_forgotten_zero_loses_no_energy():
    """With offset q and velocity v, q ← q - r·(v + Hq) keeps q·Hq + r·q·Hv + r·v·v: the orbit is undamped."""
    forgotten = outcomes("zero-grad")[0]
    x, y = points()
    w_min, b_min = np.polyfit(x[:, 0], y[:, 0], 1)
    offset = path_of(forgotten) - [b_min, w_min]
    velocity = np.column_stack([forgotten.columns["b_grad"], forgotten.columns["w_grad"]])
    before = np.vstack([[0, 0], velocity[:-1]])
    energy = [q @ hessian() @ q + 0.1 * q @ hessian() @ v + 0.1 * v @ v for q, v in zip(offset, before, strict=True)]
    assert energy == pytest.approx([energy[0]] * 61, rel=1e-4)


def test_cleared_gradients_are_those_of_plain_descent():
    assert path_of(outcomes("zero-grad")[1]) == pytest.approx(descent(0.1), abs=1e-5)


@pytest.mark.parametrize("k", range(2, 9))
def test_weighted_parts_agree_with_the_whole_batch_to_rounding(k):
    whole, weighted, _ = outcomes("sub-batches", k)
    sizes = [len(part) for part in np.array_split(np.arange(80), k)]
    assert weighted.printed[0] == f"sizes={sizes}"
    assert path_of(weighted) == pytest.approx(path_of(whole), abs=2e-6)
    assert path_of(whole) == pytest.approx(descent(0.1), abs=1e-5)


def test_parts_of_unequal_size_are_among_those_tried():
    assert len({len(part) for part in np.array_split(np.arange(80), BY_NAME["sub-batches"].option.default)}) > 1


@pytest.mark.parametrize("k", [2, 4, 5, 8])
def test_equal_parts_without_weights_step_k_times_as_far(k):
    assert path_of(outcomes("sub-batches", k)[2]) == pytest.approx(descent(0.1 * k), abs=1e-4)


def test_largest_difference_that_is_told_is_the_largest_there_is():
    ran = outcomes("sub-batches", 7)
    sentence = BY_NAME["sub-batches"].findings(ran)[0]
    told = [float(number) for number in re.findall(r"\d[\d.]*(?:e-\d+)?", sentence.partition(":")[2])]
    expected = [np.abs(path_of(other) - path_of(ran[0])).max() for other in ran[1:]]
    assert told == pytest.approx(expected, rel=0.06)


def test_sum_diverges_and_with_the_rate_divided_by_n_repeats_the_mean():
    mean, summed, smaller = outcomes("sum")
    assert mean.failed_at is smaller.failed_at is None
    assert mean.columns["loss"] == pytest.approx([mean_loss(b, w) for b, w in descent(0.1)], rel=1e-4)
    assert np.array(smaller.columns["loss"]) / 80 == pytest.approx(np.array(mean.columns["loss"]), rel=1e-4)
    expected = [80 * mean_loss(b, w) for b, w in descent(80 * 0.1, epochs=3)]
    assert summed.columns["loss"] == pytest.approx(expected, rel=1e-3)
    assert summed.failed_at == 3 == next(i for i, loss in enumerate(expected) if loss > 1e6 * expected[0])


def test_limits_that_are_told_are_those_of_the_hessian():
    limit = 2 / np.linalg.eigvalsh(hessian())[-1]
    told = " ".join(BY_NAME["sum"].findings(outcomes("sum")))
    assert "N = 80" in told
    # In four digits, rounded down: at the number that is read there nothing diverges.
    of_mean, of_sum = (
        f"{math.floor(one * 10**places) / 10**places:g}" for one, places in ((limit, 4), (limit / 80, 5))
    )
    assert f"below {of_mean}, the sum below {of_sum}" in told
    assert f"= {of_mean}" in BY_NAME["learning-rate"].findings(outcomes("learning-rate"))[0]


def test_loss_shrinks_below_the_limit_stays_at_it_and_grows_above_it():
    limit = 2 / np.linalg.eigvalsh(hessian())[-1]
    below, at, above = outcomes("learning-rate")
    for run, factor in ((below, 0.97), (at, 1.0), (above, 1.03)):
        expected = [mean_loss(b, w) for b, w in descent(factor * limit)]
        assert run.columns["loss"] == pytest.approx(expected, rel=1e-3)
    x, y = points()
    lowest = mean_loss(*np.polyfit(x[:, 0], y[:, 0], 1)[::-1])
    excess = [[loss - lowest for loss in run.columns["loss"][-2:]] for run in (below, at, above)]
    ratios = [last / former for former, last in excess]
    # Each step multiplies the offset by 1 - rate·λ, and the excess by its square.
    assert ratios == pytest.approx([0.94**2, 1.0, 1.06**2], rel=1e-2)


def test_column_minus_row_learns_every_label_at_every_point():
    """The line is that of 80 · 80 points: each x with each y."""
    x, y = points()
    everywhere = np.repeat(x, 80, axis=0), np.tile(y, (80, 1))
    rate = 0.9 * 2 / np.linalg.eigvalsh(hessian())[-1]
    warned, by_hand, shaped = ran = outcomes("broadcast")
    expected = descent(rate, data=everywhere)
    for wrong in (warned, by_hand):
        assert path_of(wrong) == pytest.approx(expected, abs=1e-4)
        assert wrong.columns["loss"] == pytest.approx(losses(expected, everywhere), rel=1e-4)
    assert path_of(shaped) == pytest.approx(descent(rate), abs=1e-4)
    assert path_of(by_hand)[-1] == pytest.approx([y.mean(), 0], abs=2e-3)  # flat, at the height of the mean
    differences, ends, last = BY_NAME["broadcast"].findings(ran)
    assert "80 · 80 = 6400 differences" in differences
    assert f"b = {by_hand.columns['b'][-1]:.4g} and w = {by_hand.columns['w'][-1]:.2g}" in ends
    assert f"mean of `y` is {y.mean():.4g}" in ends
    assert f"{losses(expected, everywhere)[-1]:.3g}, with one shape {losses(descent(rate))[-1]:.3g}" in last


def test_half_the_loss_takes_half_the_steps_and_at_twice_the_rate_the_same_to_the_last_bit():
    full, half, twice = ran = outcomes("half")
    assert path_of(full) == pytest.approx(descent(0.1), abs=1e-5)
    assert path_of(half) == pytest.approx(descent(0.05), abs=1e-5)
    for name in ("b", "w"):
        assert twice.columns[name] == full.columns[name]
    assert [2 * loss for loss in twice.columns["loss"]] == list(full.columns["loss"])
    where, agreement, limits = BY_NAME["half"].findings(ran)
    assert agreement == "At twice the rate its b and w are the same to the last bit, in all 60 epochs."
    passed = int(np.argmax(losses(descent(0.1)) <= losses(descent(0.05))[-1]))
    assert where == f"After 60 epochs the run with 1/(2n) is where the first one was after {passed}."
    assert f"below {math.floor(2 / np.linalg.eigvalsh(hessian())[-1] * 1e4) / 1e4}" in limits


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [7, 80, 1000])
def test_twice_the_rate_makes_up_for_half_a_loss_without_rounding_on_any_data(count, seed):
    random = torch.Generator().manual_seed(seed)
    x, y, start = (torch.randn(size, generator=random) for size in (count, count, 2))

    def ends(rate, loss_of):
        b, w = (value.clone().requires_grad_() for value in start.split(1))
        optimizer = torch.optim.SGD([b, w], lr=rate)
        for _ in range(50):
            optimizer.zero_grad()
            loss_of((b + w * x - y) ** 2).backward()
            optimizer.step()
        return b.item(), w.item()

    full = ends(0.07, lambda squares: squares.sum() / count)
    assert ends(0.14, lambda squares: squares.sum() / (2 * count)) == full
    assert ends(0.14, lambda squares: squares.mean() / 2) == ends(0.07, torch.mean)


@pytest.mark.parametrize("k", [1, 10, 1000])
def test_small_units_keep_the_intercept_from_moving_and_standardised_nothing_is_left_of_them(k):
    x, y = points()
    data, scaled = (k * x, y), ((x - x.mean()) / x.std(), y)
    rate = 0.9 / (1 + (data[0] ** 2).mean())
    usual, smaller, standardized = ran = outcomes("scaling", k)
    expected = descent(rate, data=data), descent(0.1, data=scaled)
    assert usual.columns["loss"] == pytest.approx(losses(descent(0.1, 3, data), data), rel=1e-3)
    for one, path, its_points in zip((smaller, standardized), expected, (data, scaled), strict=True):
        assert path_of(one) == pytest.approx(path, abs=1e-4)
        assert one.columns["loss"] == pytest.approx(losses(path, its_points), rel=1e-3)
    assert smaller.columns["lr"] == pytest.approx([rate])
    valley, went, arrived = BY_NAME["scaling"].findings(ran)
    length = math.sqrt(np.linalg.cond(hessian(data)))
    assert valley == f"Length of the valley over its width: {length:.4g}; standardised: 1."
    w_best, b_best = np.polyfit(data[0][:, 0], y[:, 0], 1)
    b_start = start()[0].item()
    moved = [abs(b - b_start) for b in (smaller.columns["b"][-1], b_best)]
    assert f"b went {moved[0]:.2g} of the {moved[1]:.2g} to its best value" in went
    lowest = mean_loss(b_best, k * w_best)
    assert f"ends at {losses(expected[0], data)[-1]:.3g}; the lowest possible is {lowest:.3g}" in went
    near = int(np.argmax(losses(expected[1], scaled) <= 1.01 * lowest))
    assert arrived == f"Standardised, the loss is within 1 % of the lowest from epoch {near} on."
    assert near < 40


@pytest.mark.parametrize("seed", range(20))
def test_rate_that_the_code_calls_never_too_large_is_not(seed):
    random = np.random.RandomState(seed)
    x = random.randn(50, 1) * 10.0 ** random.uniform(-3, 3) + random.randn() * 10.0 ** random.uniform(-3, 3)
    assert 1 / (1 + (x**2).mean()) <= 2 / np.linalg.eigvalsh(hessian((x, x)))[-1] * (1 + 1e-12)


def test_largest_late_loss_that_is_told_is_that_of_the_path():
    ran = outcomes("zero-grad")
    expected = [max(mean_loss(b, w) for b, w in path_of(one)[-20:]) for one in ran]
    told = BY_NAME["zero-grad"].findings(ran)[0]
    assert f"{expected[0]:.3g} without" in told
    assert f"{expected[1]:.3g} with" in told


# --- every mistake ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mistake", "number"), ATTEMPTS)
def test_source_that_is_shown_is_the_source_that_runs(mistake: Mistake, number: int):
    attempt, outcome = mistake.attempts[number], mistake.run()[number]
    code = compile(attempt.source, attempt.function.__code__.co_filename, "exec")
    namespace = dict(inspect.getmodule(attempt.function).__dict__)
    exec(code, namespace)
    again = Attempt(attempt.label, namespace[attempt.function.__name__])
    option = mistake.option
    assert again.run(**({option.name: option.default} if option else {})) == outcome


@pytest.mark.parametrize(("mistake", "number"), ATTEMPTS)
def test_right_attempt_finishes_without_error_warning_or_divergence(mistake: Mistake, number: int):
    outcome = mistake.run()[number]
    if mistake.attempts[number].right:
        assert (outcome.error, outcome.warned, outcome.failed_at) == (None, (), None)
        assert outcome.printed
    assert max(outcome.columns.get("epoch", (0,))) <= 60


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_mistake_has_a_wrong_and_a_right_attempt_and_all_its_texts(mistake: Mistake):
    assert {attempt.right for attempt in mistake.attempts} == {False, True}
    assert re.fullmatch(r"[a-z-]+", mistake.name)
    assert all((mistake.title, mistake.question, mistake.look_for, mistake.cure))


def test_names_are_told_apart():
    assert len(BY_NAME) == len(MISTAKES) == 12


def test_outcome_is_always_the_same():
    for mistake in MISTAKES:
        assert mistake.run() == mistake.run()


@pytest.mark.parametrize("k", [1, 9, -3])
def test_choice_out_of_bounds_is_refused(k):
    with pytest.raises(ValueError, match=f"k must be from 2 to 8, but got {k}"):
        BY_NAME["sub-batches"].run(k)


def test_choice_where_there_is_none_is_refused():
    with pytest.raises(ValueError, match="nothing to choose"):
        BY_NAME["update"].run(3)


# --- nothing is left behind -------------------------------------------------------------------------------


def test_nothing_of_the_process_is_changed_and_nothing_is_printed(capfd):
    def state():
        kind, keys, *rest = np.random.get_state()
        return (
            torch.get_rng_state().tolist(),
            (kind, keys.tolist(), *rest),
            list(warnings.filters),
            warnings.showwarning,
            torch.is_grad_enabled(),
            torch.get_default_dtype(),
            torch.get_default_device(),
        )

    before = state()
    for mistake in MISTAKES:
        mistake.run()
    assert state() == before
    assert capfd.readouterr() == ("", "")


def test_state_of_the_random_numbers_changes_nothing():
    expected = [mistake.run() for mistake in MISTAKES]
    with torch.random.fork_rng():
        torch.manual_seed(7)
        assert [mistake.run() for mistake in MISTAKES] == expected


def test_mistakes_that_run_at_the_same_time_do_not_hear_each_other():
    expected = {mistake.name: mistake.run() for mistake in MISTAKES}
    ran = {}
    threads = [
        threading.Thread(target=lambda mistake=mistake: ran.update({mistake.name: mistake.run()}))
        for mistake in MISTAKES
    ]
    before = list(warnings.filters)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ran == expected
    assert list(warnings.filters) == before


def test_warning_from_elsewhere_still_goes_where_it_would():
    def overheard(show):
        warnings.warn_explicit("of somebody else", UserWarning, "elsewhere.py", 1)
        warnings.warn("of the attempt", UserWarning, stacklevel=1)

    with pytest.warns(UserWarning, match="of somebody else") as caught:
        outcome = Attempt("", overheard).run()
    assert outcome.warned == ("UserWarning: of the attempt",)
    assert [str(one.message) for one in caught] == ["of somebody else"]
