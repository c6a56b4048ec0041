"""Optimizers: what the chapter says of step(), zero_grad(), the four rules and batches is so."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch
from torch import optim

from core import Experiment, Landscape, make_dataset, train
from core.course import run_cell
from core.course.chapters.c09_optimizers import CHAPTER, SETTLED
from core.training import batch_order

CELLS = {cell.name: cell for cell in CHAPTER.cells}
RATES = [0.01, 0.1, 0.3]
RULES = ["sgd", "momentum", "rmsprop", "adam"]
BATCHES = [4, 8, 16, 40, 80]
NO_RULE_IS_ALWAYS_AHEAD = "Which rule is ahead depends on the learning rate and on how long it runs."


def run(name: str, **chosen):
    return run_cell(CHAPTER, CELLS[name], chosen)


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text)]


def ends(**fields) -> float:
    """The engine's loss after the last epoch."""
    *_, last = train(Experiment(method="optimizer", **fields))
    return last.loss


def test_lab_opens_with_the_method_of_the_chapter():
    assert CHAPTER.experiment == Experiment(method="optimizer")


# --- step() -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "b", "w", "answer"), [(0.1, 1.4, 2.8, "1.4"), (0.5, 3, 6, "3"), (1.0, 5, 10, "5")])
def test_step_moves_b_and_w_by_learning_rate_times_gradient(rate, b, w, answer):
    outcome = run("step", rate=rate)
    # One point x = 2, y = 7: the error of the line 1 + 2x is -2, so the gradients are 2 * -2 and 2 * 2 * -2.
    assert (outcome.names["b"].grad.item(), outcome.names["w"].grad.item()) == (-4, -8)
    assert (outcome.names["b"].item(), outcome.names["w"].item()) == pytest.approx((b, w))
    assert outcome.answer == answer
    gradients, by_hand, by_step = map(numbers, outcome.printed.splitlines())
    assert gradients == [-4, -8]
    assert by_hand == by_step == [b, w]


@pytest.mark.parametrize("rate", [0.1, 0.5, 1.0])
def test_step_agrees_with_the_update_by_hand_to_the_last_bit(rate):
    names = run("step", rate=rate).names
    assert torch.equal(torch.stack(names["hand"]), torch.stack([names["b"], names["w"]]).detach())


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_optimizer_that_was_given_all_once_updates_all_with_every_step(rate):
    names = run("step", rate=rate).names
    b, w, optimizer = names["b"], names["w"], names["optimizer"]
    assert type(optimizer) is optim.SGD
    for _ in range(3):
        optimizer.zero_grad()
        ((b + w * 2 - 8) ** 2).backward()
        expected = b.item() - rate * b.grad.item(), w.item() - rate * w.grad.item()
        optimizer.step()
        assert (b.item(), w.item()) == pytest.approx(expected)


def test_negative_gradient_makes_a_parameter_larger():
    names = run("step").names
    assert names["b"] > 1
    assert names["w"] > 2


# --- zero_grad() ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("to_none", "printed", "answer"), [("True", "None", "None"), ("False", "tensor(0.)", "zero")])
def test_gradient_outlives_step_and_ends_with_zero_grad(to_none, printed, answer):
    outcome = run("zero-grad", to_none=to_none)
    after_step, after_zero = outcome.printed.splitlines()
    assert after_step.endswith("tensor(-4.)")
    assert after_zero.endswith(f": {printed}")
    assert outcome.answer == answer
    assert outcome.conclusion.startswith("`None` means" if to_none == "True" else "The gradient is there and is 0.")


def test_zero_grad_sets_gradients_to_none_by_itself():
    b = torch.tensor(1.0, requires_grad=True)
    w = torch.tensor(1.0, requires_grad=True)
    (b * w).backward()
    optim.SGD([b, w], lr=0.1).zero_grad()
    assert b.grad is None
    assert w.grad is None


def test_plain_sgd_stands_still_at_a_gradient_of_zero():
    b = torch.tensor(1.0, requires_grad=True)
    optimizer = optim.SGD([b], lr=0.1)
    b.backward()
    optimizer.step()
    moved = b.item()
    optimizer.zero_grad(set_to_none=False)
    optimizer.step()
    assert b.item() == moved


def test_momentum_moves_a_parameter_with_a_gradient_of_zero_but_not_one_without():
    b = torch.tensor(1.0, requires_grad=True)
    optimizer = optim.SGD([b], lr=0.1, momentum=0.9)
    b.backward()
    optimizer.step()
    moved = b.item()
    optimizer.zero_grad(set_to_none=True)
    optimizer.step()
    assert b.item() == moved
    b.grad = torch.tensor(0.0)
    optimizer.step()
    assert b.item() < moved


# --- the first step ---------------------------------------------------------------------------------------

FIRST_STEPS = {
    # The step over the learning rate for the gradient g, from the rules as their papers write them.
    "optim.SGD": lambda g: g,
    "optim.RMSprop": lambda g: g / (math.sqrt(0.01 * g * g) + 1e-8),
    "optim.Adam": lambda g: g / (math.sqrt(0.001 * g * g / (1 - 0.999)) + 1e-8),
}


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("rule", FIRST_STEPS)
def test_first_step_depends_on_the_gradients_size_for_sgd_alone(rule, rate):
    outcome = run("first-step", rule=rule, rate=rate)
    expected = [-rate * FIRST_STEPS[rule](g) for g in (0.01, 1.0, 100.0)]
    assert outcome.names["moved"] == pytest.approx(expected, rel=1e-5)
    lines = [numbers(line) for line in outcome.printed.splitlines()]
    assert [line[0] for line in lines] == [0.01, 1, 100]
    assert [line[1] for line in lines] == pytest.approx(expected, abs=6e-5)
    assert outcome.answer == ("10 000 times as long" if rule == "optim.SGD" else "just as long")


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5])
@pytest.mark.parametrize(
    ("rule", "lengths", "reason"),
    [
        ("optim.SGD", "0.01, 1 and 100", "SGD multiplies the gradient by the learning rate"),
        ("optim.RMSprop", "10, 10 and 10", "RMSprop's first step divides the gradient by a tenth of its size"),
        ("optim.Adam", "1, 1 and 1", "Adam's first step divides the gradient by its size"),
    ],
)
def test_conclusion_tells_the_length_of_the_first_steps_and_the_reason_of_that_rule(rule, lengths, reason, rate):
    conclusion = run("first-step", rule=rule, rate=rate).conclusion
    assert conclusion.startswith(f"The steps are {lengths} times the learning rate. {reason}")


@pytest.mark.parametrize("g", [-7.0, -0.02, 3.0])
@pytest.mark.parametrize(("rule", "times"), [(optim.Adam, 1), (optim.RMSprop, 10)])
def test_of_the_gradient_only_the_sign_is_left_in_the_first_step(g, rule, times):
    b = torch.tensor(0.0, requires_grad=True)
    optimizer = rule([b], lr=0.1)
    b.grad = torch.tensor(g)
    optimizer.step()
    assert b.item() == pytest.approx(-0.1 * times * math.copysign(1, g), rel=1e-4)


# --- the loop ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("epochs", [10, 20, 40, 100])
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("optimizer", RULES)
def test_answer_says_whether_the_loss_ends_lower_than_that_of_sgd(optimizer, rate, epochs):
    outcome = run("loop", optimizer=optimizer, learning_rate=rate, epochs=epochs)
    mine = ends(optimizer=optimizer, learning_rate=rate, epochs=epochs)
    sgd = ends(learning_rate=rate, epochs=epochs)
    assert outcome.names["final_loss"] == mine
    if optimizer == "sgd":
        assert outcome.answer == "it is SGD"
        told = f"After {epochs} epochs its «loss» is {sgd:.3g}. "
    else:
        assert outcome.answer == ("lower" if mine < sgd else "higher")
        told = f"After {epochs} epochs its «loss» is {mine:.3g}, and that of SGD {sgd:.3g}. "
    assert outcome.conclusion == told + NO_RULE_IS_ALWAYS_AHEAD


def test_which_rule_is_ahead_depends_on_the_learning_rate_and_on_the_epochs():
    def ranking(**fields) -> list[str]:
        return sorted(RULES, key=lambda rule: ends(optimizer=rule, **fields))

    assert ranking(learning_rate=0.01, epochs=20)[0] != ranking(learning_rate=0.1, epochs=20)[0]
    assert ranking(learning_rate=0.1, epochs=20) != ranking(learning_rate=0.1, epochs=100)


def test_rule_is_decided_in_one_line():
    one, other = (run("loop", optimizer=rule).source.splitlines() for rule in ("sgd", "adam"))
    changed = [(before, after) for before, after in zip(one, other, strict=True) if before != after]
    assert len(changed) == 1
    assert changed[0][1] == "optimizer = torch.optim.Adam([b, w], lr=lr)"


def test_momentum_is_sgd_with_a_memory():
    made = run("loop", optimizer="momentum").names["optimizer"]
    assert type(made) is optim.SGD
    assert all("momentum_buffer" in state for state in made.state.values())


@pytest.mark.parametrize("optimizer", RULES)
def test_chart_shows_the_path_beside_that_of_sgd(optimizer):
    plot = run("loop", optimizer=optimizer).plot
    experiment = Experiment(method="optimizer", optimizer=optimizer, epochs=20)
    series = {one.label: list(zip(one.x, one.y, strict=True)) for one in plot.series}
    assert set(series) == {optimizer, "sgd"}
    assert series[optimizer] == [(one.b, one.w) for one in train(experiment)]
    assert series["sgd"] == [(one.b, one.w) for one in train(Experiment(method="optimizer", epochs=20))]
    data = make_dataset(experiment)
    assert plot.landscape == Landscape.of(data.x_train, data.y_train)


@pytest.mark.parametrize(("optimizer", "rates"), [("rmsprop", 10), ("adam", 1)])
def test_path_begins_with_a_step_of_that_many_learning_rates(optimizer, rates):
    path = run("loop", optimizer=optimizer).plot.series[-1]
    assert path.x[1] - path.x[0] == pytest.approx(0.1 * rates, rel=1e-4)
    assert path.y[1] - path.y[0] == pytest.approx(0.1 * rates, rel=1e-4)


# --- batches ----------------------------------------------------------------------------------------------


def mini_batches(size: int, rate: float) -> list[tuple[float, float]]:
    """b and w after each of 20 epochs, by plain float64 descent with gradients written out."""
    data = make_dataset(Experiment())
    x, y = data.x_train[:, 0], data.y_train[:, 0]
    start = torch.Generator().manual_seed(42)
    b, w = torch.randn(1, generator=start).item(), torch.randn(1, generator=start).item()
    path = [(b, w)]
    for epoch in range(1, 21):
        order = batch_order(42, epoch, 80)
        for batch in np.split(order, range(size, 80, size)):
            error = b + w * x[batch] - y[batch]
            b, w = b - rate * 2 * error.mean(), w - rate * 2 * (x[batch] * error).mean()
        path.append((b, w))
    return path


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5])
@pytest.mark.parametrize("size", BATCHES)
def test_loss_of_mini_batches_may_rise_where_that_of_all_points_falls(size, rate):
    outcome = run("batches", batch_size=size, learning_rate=rate)
    data = make_dataset(Experiment())
    path = mini_batches(size, rate)
    losses = [((b + w * data.x_train - data.y_train) ** 2).mean() for b, w in path]
    rises = int((np.diff(losses) > 0).sum())
    assert outcome.answer == ("no, it also rises" if rises else "yes, in every epoch")
    assert f"The «loss» over all points rose in {rises} of the 20 epochs. " in outcome.conclusion
    assert rises == 0 or size < 80
    (drawn,) = outcome.plot.series
    assert np.column_stack([drawn.x, drawn.y]) == pytest.approx(np.array(path[SETTLED:]), abs=1e-4)
    assert f"epoch {SETTLED} on" in outcome.plot.title


@pytest.mark.parametrize("size", BATCHES)
def test_fewer_points_a_batch_are_more_updates_an_epoch(size):
    updates = len(range(0, len(make_dataset(Experiment()).x_train), size))
    word = "updates" if updates > 1 else "update"
    assert run("batches", batch_size=size).conclusion.startswith(f"{updates} {word} per epoch, ")
    assert updates == 80 // size


def test_batch_size_changes_the_path_and_so_does_the_optimizer():
    def paths(name: str, control: str, options: list) -> set:
        return {tuple(run(name, **{control: one}).plot.series[-1].x) for one in options}

    assert len(paths("batches", "batch_size", BATCHES)) == len(BATCHES)
    assert len(paths("loop", "optimizer", RULES)) == len(RULES)
    assert run("batches").conclusion.endswith("Like the optimizer, the batch size changes the path.")


def test_path_of_small_batches_is_restless_and_that_of_all_points_is_not():
    def turns(size: int) -> float:
        """The mean angle by which the path turns from one epoch to the next, in degrees."""
        path = run("batches", batch_size=size).plot.series[0]
        steps = np.diff(path.x) + 1j * np.diff(path.y)
        return float(np.degrees(np.abs(np.angle(steps[1:] / steps[:-1]))).mean())

    assert turns(80) < 5
    assert turns(8) > 45
    assert turns(4) > 45
