"""Losses: what the chapter says of nn.MSELoss, its reductions, the way out of PyTorch and the model is so."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from torch import nn

from core import Experiment, Landscape, make_dataset, train
from core.course import run_cell
from core.course.chapters.c10_losses import CHAPTER
from core.experiment import METHODS

CELLS = {cell.name: cell for cell in CHAPTER.cells}
RATES = [0.001, 0.01, 0.1, 0.5, 1.0]


def run(name: str, **chosen):
    return run_cell(CHAPTER, CELLS[name], chosen)


def ends_of(method: str, **fields) -> np.ndarray:
    """b and w at every epoch, shape (epochs + 1, 2)."""
    return np.array([(one.b, one.w) for one in train(Experiment(method=method, **fields))])


def test_lab_opens_with_the_method_of_the_chapter():
    assert CHAPTER.experiment == Experiment(method="loss_fn")


# --- a function -------------------------------------------------------------------------------------------


def test_mse_loss_takes_settings_and_refuses_predictions():
    outcome = run("function")
    assert outcome.source.splitlines()[outcome.failed_line - 1] == "loss = nn.MSELoss(predictions, labels)"
    assert outcome.error[0] == "RuntimeError"
    assert "ambiguous" in outcome.error[1]
    assert outcome.answer == "an error"
    assert "took the tensors for its settings" in outcome.conclusion


@pytest.mark.parametrize("called", ["loss_fn", "nn.MSELoss()"])
def test_what_mse_loss_makes_is_called_with_predictions_and_labels(called):
    outcome = run("function", called=called)
    expected = np.mean(np.square([2.0 - 1.0, 3.0 - 3.0, 5.0 - 3.0]))
    assert outcome.names["loss"].item() == pytest.approx(expected)
    assert outcome.printed.splitlines() == ["MSELoss()", f"tensor({expected:.4f})"]
    assert outcome.answer == "the loss"
    assert outcome.conclusion.startswith("What `nn.MSELoss()` makes is called like a function.")
    assert outcome.conclusion.endswith(f"gives the «loss»: {expected:.4g}.")


def test_mse_loss_is_a_class():
    assert isinstance(nn.MSELoss, type)
    assert callable(nn.MSELoss())


# --- reduction --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "answer", "expected"), [("mean", "1.5", 1.5), ("sum", "6", 6), ("none", "four numbers", [1, 0, 4, 1])]
)
def test_reduction_makes_mean_or_sum_of_the_squared_errors_or_leaves_them(how, answer, expected):
    outcome = run("reduction", how=f'"{how}"')
    errors = np.array([1, 0, 2, -1])
    assert (outcome.names["predictions"] - outcome.names["labels"]).tolist() == errors.tolist()
    squares = errors**2
    assert expected == {"mean": squares.mean(), "sum": squares.sum(), "none": squares.tolist()}[how]
    assert outcome.names["loss"].tolist() == expected
    assert outcome.answer == answer


def test_a_mean_of_errors_that_are_not_squared_would_cancel():
    # The wrong answer that is offered: what adding the errors themselves would give.
    assert sum([1, 0, 2, -1]) == 2
    assert "2" in CELLS["reduction"].question.options


# --- the sum ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "answer"), [(1, "−4"), (10, "−40"), (100, "−400")])
def test_sum_and_its_gradient_are_n_times_those_of_the_mean(n, answer):
    outcome = run("sum", n=n)
    rows = {row.split()[0]: [float(number) for number in row.split()[1:]] for row in outcome.printed.splitlines()[1:]}
    # Of (b - 3)² at b = 1, n times over: the loss is 4 and its derivative 2 (b - 3) = -4.
    assert rows == {"mean": [4, -4], "sum": [4 * n, -4 * n]}
    assert outcome.names["b"].grad.item() == pytest.approx(-4 * n)
    assert outcome.answer == answer
    expected = f"are {n} times those of the mean" if n > 1 else "For one point the sum is the mean."
    assert expected in outcome.conclusion


@pytest.mark.parametrize("n", [10, 100])
def test_learning_rate_that_fits_the_mean_fits_the_sum_divided_by_n(n):
    def descend(reduction: str, rate: float) -> float:
        b = torch.tensor(1.0, requires_grad=True)
        optimizer = torch.optim.SGD([b], lr=rate)
        for _ in range(20):
            nn.MSELoss(reduction=reduction)(b.expand(n), torch.full((n,), 3.0)).backward()
            optimizer.step()
            optimizer.zero_grad()
        return b.item()

    assert descend("mean", 0.1) == pytest.approx(descend("sum", 0.1 / n), abs=1e-5)
    assert abs(descend("sum", 0.1) - 3) > abs(1 - 3)


# --- out of PyTorch ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taken", "of_one", "of_three"),
    [
        ("loss.numpy()", "an error", "an error"),
        ("loss.detach().cpu().numpy()", "an array", "an array"),
        ("loss.item()", "a number", "an error"),
        ("loss.tolist()", "a number", "a list"),
    ],
)
def test_ways_out_give_array_number_or_list_or_refuse(taken, of_one, of_three):
    kinds = {"an array": np.ndarray, "a number": float, "a list": list}
    for how, answer, expected in (("mean", of_one, 7), ("none", of_three, [1, 4, 16])):
        outcome = run("out", taken=taken, how=f'"{how}"')
        assert outcome.answer == answer
        assert (outcome.error is not None) == (answer == "an error")
        if outcome.error:
            assert outcome.error[0] == "RuntimeError"
            assert outcome.source.splitlines()[outcome.failed_line - 1] == f"result = {taken}"
        else:
            result = outcome.names["result"]
            assert type(result) is kinds[answer]
            assert np.array_equal(result, expected)
            assert str(type(result)) in outcome.printed


def test_numpy_refuses_because_of_the_graph_and_item_because_of_the_number_of_elements():
    assert "detach()" in run("out").error[1]
    assert "3 elements" in run("out", taken="loss.item()", how='"none"').error[1]


def test_detached_tensor_is_outside_the_graph():
    loss = run("out").names["loss"]
    assert loss.grad_fn is not None
    assert loss.detach().grad_fn is None


def test_item_takes_exactly_one_element_and_tolist_gives_a_number_only_without_dimensions():
    assert torch.ones(1, 1).item() == 1
    for other in (torch.ones(3), torch.ones(0)):
        with pytest.raises(RuntimeError, match="elements"):
            other.item()
    assert torch.ones(()).tolist() == 1
    for shape, listed in ((1, [1]), (3, [1, 1, 1]), ((1, 2), [[1, 1]]), (0, [])):
        assert torch.ones(shape).tolist() == listed


def test_item_and_tolist_need_no_detach():
    loss = run("out").names["loss"]
    assert loss.requires_grad
    assert loss.item() == loss.tolist() == loss.detach().numpy()


# --- the loop ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_loss_falls_below_the_limit_of_its_reduction_and_grows_above(reduction, rate):
    outcome = run("loop", reduction=reduction, learning_rate=rate)
    x = make_dataset(Experiment()).x_train
    columns = np.hstack([np.ones_like(x), x])
    hessian = 2 * columns.T @ columns / (len(x) if reduction == "mean" else 1)
    limit = 2 / np.linalg.eigvalsh(hessian)[-1]
    assert outcome.answer == ("it falls" if rate < limit else "it grows")
    assert f"With `{reduction}` the learning rate must be below {limit:.3g}:" in outcome.conclusion
    assert f"`mean` allows {len(x)} times as much as `sum`." in outcome.conclusion


def test_mean_allows_as_many_times_the_learning_rate_as_there_are_points():
    data = make_dataset(Experiment())
    mean, summed = (Landscape.of(data.x_train, data.y_train, how).max_learning_rate for how in ("mean", "sum"))
    assert mean / summed == pytest.approx(len(data.x_train)) == 80


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_chart_and_conclusion_tell_of_the_engines_run(reduction, rate):
    outcome = run("loop", reduction=reduction, learning_rate=rate)
    records = list(train(Experiment(method="loss_fn", reduction=reduction, learning_rate=rate, epochs=60)))
    loss, lowest = outcome.plot.series
    assert list(zip(loss.x, loss.y, strict=True)) == [(one.epoch, one.loss) for one in records]
    assert outcome.plot.logarithmic
    data = make_dataset(Experiment())
    x, y = data.x_train[:, 0], data.y_train[:, 0]
    least = getattr(np, reduction)((y - np.polyval(np.polyfit(x, y, 1), x)) ** 2)
    assert lowest.y == pytest.approx([least, least])
    diverged = re.search(r"This run diverged after (\d+) epochs", outcome.conclusion)
    assert (int(diverged[1]) if diverged else 60) == records[-1].epoch == outcome.names["final_epoch"]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_loss_function_is_made_once_and_called_in_every_epoch(reduction):
    before, loop = run("loop", reduction=reduction).source.split("for epoch in ")
    assert f'loss_fn = nn.MSELoss(reduction="{reduction}")' in before
    assert "loss = loss_fn(yhat, y)" in loop
    assert "MSELoss" not in loop


# --- the module -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("epochs", [1, 10, 50, 200])
@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5])
def test_former_loops_end_where_the_model_does_and_numpy_comes_there_in_time(epochs, rate):
    outcome = run("module", epochs=epochs, learning_rate=rate)
    ways = {method: ends_of(method, epochs=epochs, learning_rate=rate) for method in METHODS}
    apart = {method: np.abs(way - ways["module"]) for method, way in ways.items()}
    assert outcome.names["b"].item() == ways["module"][-1, 0]
    assert apart["optimizer"].max() == apart["loss_fn"].max() == 0  # to the last bit
    assert apart["autograd"].max() < 1e-6
    assert outcome.answer == ("all of them" if apart["numpy"][-1].max() < 1e-6 else "all but NumPy")
    by_hand = apart["autograd"].max()
    told = f"the update by hand differs by at most {by_hand:.1g}, which is rounding"
    assert outcome.conclusion == (
        f"The loops with an optimizer give exactly these numbers; {told if by_hand else 'so does the update by hand'}. "
        f"NumPy starts at other numbers and ends {apart['numpy'][-1].max():.1g} away."
    )
    assert (ways["numpy"][0] != ways["module"][0]).all()


def test_numpy_starts_elsewhere_and_all_end_at_the_same_line_in_the_end():
    ways = {method: ends_of(method, epochs=300, learning_rate=0.3) for method in METHODS}
    starts = {method: way[0] for method, way in ways.items()}
    assert np.abs(starts["numpy"] - starts["module"]).max() > 0.1
    assert all(np.array_equal(starts[method], starts["module"]) for method in METHODS[1:])
    assert all(way[-1] == pytest.approx(ways["module"][-1], abs=1e-6) for way in ways.values())


@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_step_and_the_update_by_hand_differ_by_rounding_alone(rate):
    generator = torch.Generator().manual_seed(1)
    for _ in range(200):
        b, gradient = torch.randn(2, generator=generator)
        by_step = b.clone().requires_grad_()
        by_step.grad = gradient.clone()
        torch.optim.SGD([by_step], lr=rate).step()
        exact = np.float64(b) - np.float64(np.float32(rate)) * np.float64(gradient)
        by_hand = (b - rate * gradient).item()
        # Rounded once, or twice as by hand: which of them is up to the processor.
        assert by_step.item() in {float(np.float32(exact)), by_hand}


def test_model_owns_its_parameters_and_hands_them_to_the_optimizer():
    names = run("module").names
    model, optimizer = names["model"], names["optimizer"]
    assert isinstance(model, nn.Module)
    assert dict(model.named_parameters()).keys() == {"b", "w"}
    assert [id(one) for one in optimizer.param_groups[0]["params"]] == [id(one) for one in model.parameters()]
    assert names["b"] is model.b


def test_chart_shows_the_two_starts():
    numpy, module = run("module").plot.series
    for series in (numpy, module):
        assert np.column_stack([series.x, series.y]) == pytest.approx(
            ends_of(series.label, epochs=10, learning_rate=0.3)
        )
    assert (numpy.label, module.label) == ("numpy", "module")
