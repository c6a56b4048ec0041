"""What the chapter on autograd claims, against formulas, finite differences and PyTorch itself."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from core import Experiment, Landscape, make_dataset
from core.course import Outcome, run_cell
from core.course.chapters.c07_autograd import CHAPTER

CELLS = {cell.name: cell for cell in CHAPTER.cells}
DATA = make_dataset(Experiment())
BOWL = Landscape.of(DATA.x_train, DATA.y_train)


def run(name: str, **chosen) -> Outcome:
    return run_cell(CHAPTER, CELLS[name], chosen)


def options(name: str, control: str) -> tuple:
    (found,) = (one for one in CELLS[name].controls if one.name == control)
    return found.options


def numbers(printed: str) -> list[float]:
    """The numbers in a text, in order."""
    found = []
    for word in printed.replace(",", " ").replace("(", " ").replace("[", " ").replace("]", " ").split():
        try:
            found.append(float(word))
        except ValueError:
            continue
    return found


# --- the data ---------------------------------------------------------------------------------------------


def test_chapter_trains_on_the_points_of_the_lab():
    names = run("backward").names
    for name, array in (("x", DATA.x_train), ("y", DATA.y_train)):
        assert names[name].dtype == torch.float32
        assert np.array_equal(names[name].numpy(), array.astype(np.float32))
    assert CHAPTER.experiment == Experiment(method="autograd")


# --- backward() -------------------------------------------------------------------------------------------

STARTS = list(product(options("backward", "b_start"), options("backward", "w_start")))


@pytest.mark.parametrize(("b", "w"), STARTS)
def test_gradient_of_autograd_is_that_of_the_formula_and_of_finite_differences(b, w):
    outcome = run("backward", b_start=b, w_start=w)
    found = outcome.names["b"].grad.item(), outcome.names["w"].grad.item()
    error = b + w * DATA.x_train - DATA.y_train
    assert found == pytest.approx((2 * error.mean(), 2 * (DATA.x_train * error).mean()), rel=1e-5, abs=1e-6)
    h = 1e-4
    slopes = (
        (BOWL.loss(b + h, w) - BOWL.loss(b - h, w)) / (2 * h),
        (BOWL.loss(b, w + h) - BOWL.loss(b, w - h)) / (2 * h),
    )
    assert found == pytest.approx(slopes, rel=1e-5, abs=1e-6)
    b_grad, b_by_hand, w_grad, w_by_hand = numbers(outcome.printed)
    assert (b_grad, w_grad) == (b_by_hand, w_by_hand) == pytest.approx(found, abs=1e-4)


@pytest.mark.parametrize(("b", "w"), STARTS)
def test_loss_falls_on_the_way_that_the_gradient_says(b, w):
    outcome = run("backward", b_start=b, w_start=w)
    step = 1e-3 if outcome.answer == "up" else -1e-3
    assert BOWL.loss(b + step, w) < BOWL.loss(b, w) < BOWL.loss(b - step, w)
    assert ("above 0" if outcome.answer == "down" else "below 0") in outcome.conclusion
    assert f"a slightly {'larger' if outcome.answer == 'up' else 'smaller'} «b» lowers" in outcome.conclusion


def test_b_that_is_too_small_may_have_to_shrink_all_the_same():
    outcome = run("backward")
    assert outcome.names["b"].item() < BOWL.b_min
    assert outcome.answer == "down"


# --- who takes part ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("of_b", [True, False])
@pytest.mark.parametrize("of_w", [True, False])
def test_what_is_computed_from_a_parameter_requires_a_gradient_and_data_do_not(of_b, of_w):
    outcome = run("asking", of_b=str(of_b), of_w=str(of_w))
    either = of_b or of_w
    expected = [False, False, of_b, of_w, either, either, either]
    assert [word == "True" for word in outcome.printed.split() if word in ("True", "False")] == expected
    assert outcome.answer == str(sum(expected))


def test_nothing_is_recorded_and_backward_is_an_error_where_nothing_requires_a_gradient():
    outcome = run("asking", of_b="False", of_w="False")
    loss = outcome.names["loss"]
    assert "would be an error" in outcome.conclusion
    assert all(outcome.names[name].grad_fn is None for name in ("yhat", "error", "loss"))
    with pytest.raises(RuntimeError, match="does not require grad"):
        loss.backward()


# --- who keeps a gradient ---------------------------------------------------------------------------------


@pytest.mark.parametrize("which", options("leaves", "which"))
def test_only_the_leaf_that_asked_has_a_gradient_after_backward(which):
    outcome = run("leaves", which=which)
    tensor = outcome.names["tensor"]
    assert tensor is outcome.names[which]
    made = tensor.grad_fn is not None
    assert outcome.printed.splitlines()[1].endswith(str(not made))
    assert outcome.answer == ("a gradient" if which == "b" else "None")
    assert outcome.printed.splitlines()[2].endswith("None") is (which != "b")
    assert any("not a leaf Tensor" in warning for warning in outcome.warned) is made


def test_gradient_passes_through_tensors_that_do_not_keep_theirs():
    names = run("leaves").names
    b = torch.tensor([0.0], requires_grad=True)
    yhat = b + 2 * names["x"]
    yhat.retain_grad()
    loss = ((yhat - names["y"]) ** 2).mean()
    loss.retain_grad()
    loss.backward()
    assert loss.grad.item() == 1
    assert "`retain_grad()`" in run("leaves", which="yhat").conclusion
    assert "gradient» of 1" in run("leaves", which="loss").conclusion
    assert torch.allclose(yhat.grad, 2 * (yhat - names["y"]).detach() / 80)
    assert yhat.grad.sum().item() == pytest.approx(b.grad.item(), rel=1e-5)


def test_x_is_a_leaf_although_an_operation_made_it_because_that_was_not_recorded():
    x = run("leaves", which="x").names["x"]
    assert "x = torch.tensor(x_train).float()" in CHAPTER.setup
    assert x.is_leaf
    assert x.grad_fn is None
    assert not x.requires_grad


# --- adding up --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", options("accumulating", "times"))
def test_backward_adds_and_starts_from_none(times):
    outcome = run("accumulating", times=times)
    first, *later = outcome.printed.splitlines()
    assert first == "None"
    once = BOWL.gradient(0.0, 2.0)[0]
    assert numbers(" ".join(later)) == pytest.approx([once * k for k in range(1, times + 1)], abs=1e-4)
    assert outcome.answer == ("the same", "twice", "three times", "four times")[times - 1]


# --- in parts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "weight"), list(product(options("sub-batches", "size"), options("sub-batches", "weight")))
)
def test_parts_give_the_whole_gradient_if_each_has_its_share(size, weight):
    outcome = run("sub-batches", size=size, weight=weight)
    sizes = [min(size, 80 - start) for start in range(0, 80, size)]
    slices = np.split(np.arange(80), np.cumsum(sizes)[:-1])
    gradients = [2 * (0 - DATA.y_train[rows]).mean() for rows in slices]
    weights = {
        "1": [1.0] * len(sizes),
        "1 / len(parts)": [1 / len(sizes)] * len(sizes),
        "len(part) / 80": [rows / 80 for rows in sizes],
    }[weight]
    expected = np.dot(weights, gradients)
    whole = -2 * DATA.y_train.mean()
    assert outcome.names["b"].grad.item() == pytest.approx(expected, rel=1e-6)
    assert outcome.answer == ("yes" if np.isclose(expected, whole, rtol=1e-9) else "no")
    assert [len(part) for part in outcome.names["parts"]] == sizes
    equal = len(set(sizes)) == 1
    assert outcome.answer == ("yes" if weight.startswith("len") or (weight != "1" and equal) else "no")
    if outcome.answer == "yes":
        assert f"no `backward()` needed more than {max(sizes)} points at once" in outcome.conclusion
    elif weight == "1":
        assert f"{expected / whole:.2f} times" in outcome.conclusion
        assert expected / whole == pytest.approx(len(sizes), rel=0.05)
    else:
        assert f"{abs(expected / whole - 1):.1%}" in outcome.conclusion
        assert f"Parts of {sizes[0]} and {sizes[-1]} points" in outcome.conclusion


def test_last_line_is_the_gradient_of_all_points_at_once():
    *parts, whole = numbers(run("sub-batches").printed.replace("points:", ""))
    assert whole == pytest.approx(BOWL.gradient(0.0, 0.0)[0], abs=1e-4)
    assert parts[::2] == [32, 32, 16]


# --- zero_() ----------------------------------------------------------------------------------------------


def test_zero_writes_into_the_memory_that_every_name_sees():
    outcome = run("zero")
    grad, b = outcome.names["grad"], outcome.names["b"]
    assert outcome.answer == "0"
    assert b.grad is grad
    assert grad.item() == 0
    (storage,) = outcome.memory.storages
    assert storage.values == (0.0,)
    assert storage.former[0] == pytest.approx(BOWL.gradient(0.0, 2.0)[0], abs=1e-3)


def test_new_zeros_lie_elsewhere_and_leave_the_old_number():
    outcome = run("zero", clear="b.grad = torch.zeros(1)")
    grad, b = outcome.names["grad"], outcome.names["b"]
    assert outcome.answer == "the old number"
    assert b.grad.data_ptr() != grad.data_ptr()
    assert b.grad.item() == 0
    assert grad.item() == pytest.approx(BOWL.gradient(0.0, 2.0)[0], rel=1e-5)
    assert "other memory" in outcome.conclusion


@pytest.mark.parametrize(("clear", "times"), [("pass", 2), ("b.grad.zero_()", 1), ("b.grad = torch.zeros(1)", 1)])
def test_next_backward_adds_to_what_is_left(clear, times):
    outcome = run("zero", clear=clear)
    names = outcome.names
    ((names["b"] + 2 * names["x"] - names["y"]) ** 2).mean().backward()
    assert names["b"].grad.item() == pytest.approx(times * BOWL.gradient(0.0, 2.0)[0], rel=1e-5)
    assert ("sum of both" in outcome.conclusion) is (clear == "pass")
