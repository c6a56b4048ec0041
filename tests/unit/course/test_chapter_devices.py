"""What the chapter on devices tells its readers, on machines with an accelerator and on those without."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.course import Outcome, run_cell
from core.course.chapters.c05_devices import CHAPTER
from core.devices import find_devices
from core.mistakes import MISTAKES

CELLS = {cell.name: cell for cell in CHAPTER.cells}
FOUND = [device.name for device in find_devices() if device.available]
PLACES = ("cpu", "meta", *FOUND[1:2])
OTHERS = PLACES[1:]
LEFT, AFTER, AT_ONCE = CELLS["creating"].controls[1].options


def outcome(cell: str, **chosen) -> Outcome:
    return run_cell(CHAPTER, CELLS[cell], chosen)


def quoted(*names: str) -> tuple[str, ...]:
    return tuple(f'"{name}"' for name in names)


# --- what is there ----------------------------------------------------------------------------------------


def test_every_cell_offers_the_cpu_meta_and_the_accelerator_if_there_is_one():
    for cell in ("together", "creating", "back"):
        assert CELLS[cell].controls[0].options == quoted(*PLACES)
    assert set(quoted(*PLACES)) < set(CELLS["moving"].controls[0].options)
    assert {f"x.to({place})" for place in quoted(*OTHERS)} < set(CELLS["types"].controls[0].options)
    assert set(quoted("cpu", "cuda", *FOUND[1:2])) == set(CELLS["finding"].controls[0].options)


@pytest.mark.parametrize("wanted", CELLS["finding"].controls[0].options)
def test_device_is_used_if_pytorch_can_and_refused_in_its_words_otherwise(wanted):
    one = outcome("finding", wanted=wanted)
    name = wanted.strip('"')
    if name not in FOUND:
        with pytest.raises((AssertionError, RuntimeError)) as refused:
            torch.ones(3, device=name)
        assert one.error == (refused.type.__name__, str(refused.value))
        assert one.source.splitlines()[one.failed_line - 1] == f"x = torch.ones(3, device={wanted})"
        assert one.answer == "no"
        assert "x" not in one.names
    else:
        expected = torch.ones(3, device=name).device
        assert one.error is None
        assert one.answer == "yes"
        assert one.names["x"].device == expected
        assert expected.type == name.split(":")[0]
        assert one.printed.endswith(f"x lies on:       {expected}\n")


def test_usual_choice_is_a_device_on_which_a_tensor_can_be_made():
    one = outcome("finding", wanted='"cpu"')
    assert one.names["device"] == ("cuda" if torch.cuda.is_available() else "cpu")
    assert torch.ones(1, device=one.names["device"]).sum().item() == 1
    assert f"GPUs with CUDA:  {torch.cuda.device_count()}\n" in one.printed
    assert f"any accelerator: {torch.accelerator.is_available()}\n" in one.printed


def test_meta_keeps_shape_and_type_but_no_numbers():
    tensor = torch.ones(2, 3, dtype=torch.float64, device="meta")
    assert (tensor.shape, tensor.dtype) == ((2, 3), torch.float64)
    with pytest.raises(RuntimeError, match="meta"):
        tensor[0, 0].item()


# --- moving -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", CELLS["moving"].controls[0].options)
def test_to_gives_back_the_tensor_that_is_there_already_and_a_new_one_otherwise(place):
    one = outcome("moving", place=place)
    x, moved = one.names["x"], one.names["moved"]
    same = place == '"cpu"'
    assert (moved is x) == same
    assert moved.device.type == place.split('"')[1].split(":")[0]
    assert x.tolist() == ([9, 2, 3] if same else [1, 2, 3])
    assert one.answer == ("yes" if same else "no")
    assert f"the same tensor: {same}\n" in one.printed
    assert ("two names for one tensor" in one.conclusion) == same
    assert ("copy=True" in one.conclusion) == ("copy=True" in place)
    assert ("`...`" in one.conclusion) == ("..." in one.printed) == (place == '"meta"')


@pytest.mark.parametrize("other", CELLS["types"].controls[0].options)
def test_type_of_python_is_always_the_same_and_the_tensors_own_tells_dtype_and_device(other):
    one = outcome("types", other=other)
    x, y = one.names["x"], one.names["y"]
    assert type(x) is type(y) is torch.Tensor
    same = (x.dtype, x.device) == (y.dtype, y.device)
    assert same == (other == "x + 1")
    assert (x.type() == y.type()) == same
    assert one.answer == ("neither" if same else "x.type()")
    device = "" if y.device.type == "cpu" else f"{y.device.type}."
    number = {torch.float32: "Float", torch.float64: "Double"}[y.dtype]
    assert f"\ntorch.FloatTensor torch.{device}{number}Tensor\n" in one.printed
    assert one.printed.endswith(f"torch.float32 {y.dtype}\ncpu {y.device}\n")


# --- computing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
def test_tensors_of_two_devices_are_not_multiplied_unless_one_is_a_scalar_of_the_cpu(place):
    elsewhere, there, scalar = CELLS["together"].controls[1].options
    one = outcome("together", place=f'"{place}"', factor=elsewhere)
    assert (one.error is None) == (place == "cpu")
    assert one.answer == ("yes" if place == "cpu" else "no")
    if place != "cpu":
        with pytest.raises(RuntimeError) as refused:
            torch.tensor([2.0]) * torch.ones(3, device=place)
        assert one.error == ("RuntimeError", str(refused.value))
        assert one.source.splitlines()[one.failed_line - 1] == "yhat = w * x"
    for factor in (there, scalar):
        one = outcome("together", place=f'"{place}"', factor=factor)
        assert one.error is None
        assert one.answer == "yes"
        assert one.names["yhat"].device.type == place.split(":")[0]
        assert one.names["yhat"].shape == (3,)
        if place != "meta":
            assert one.names["yhat"].tolist() == [2, 2, 2]
    assert one.names["w"].device.type == "cpu"
    assert one.names["w"].shape == ()


@pytest.mark.parametrize("place", PLACES)
def test_conclusion_on_computing_together_speaks_of_what_was_chosen(place):
    told = [
        outcome("together", place=f'"{place}"', factor=factor).conclusion
        for factor in CELLS["together"].controls[1].options
    ]
    if place == "cpu":
        assert len(set(told)) == 1
        assert "On the CPU every choice works" in told[0]
    else:
        assert ["does not move" in told[0], "Made where" in told[1], "exception" in told[2]] == [True] * 3


# --- parameters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("made", [LEFT, AFTER, AT_ONCE])
def test_parameter_is_a_leaf_unless_it_was_moved_after_asking_for_its_gradient(place, made):
    one = outcome("creating", place=f'"{place}"', made=made)
    b = one.names["b"]
    leaf = place == "cpu" or made != LEFT
    assert b.requires_grad
    assert b.device.type == place.split(":")[0]
    assert b.is_leaf == (b.grad_fn is None) == leaf
    assert one.answer == ("yes" if leaf else "no")
    assert one.printed.endswith(f"asked for: {place}  a leaf: {leaf}\n")
    assert ("all three are leaves" in one.conclusion) == (place == "cpu")
    assert ("stayed behind" in one.conclusion) == (not leaf)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("made", [AFTER, AT_ONCE])
def test_backward_fills_the_gradient_of_a_leaf_wherever_it_is(place, made):
    b = outcome("creating", place=f'"{place}"', made=made).names["b"]
    (b**2).sum().backward()
    assert b.grad is not None
    assert b.grad.device == b.device
    if place != "meta":
        assert b.grad.tolist() == [2]


def test_leaf_of_a_parameter_that_was_moved_is_the_tensor_that_stayed_on_the_cpu():
    for place in OTHERS:
        b = outcome("creating", place=f'"{place}"', made=LEFT).names["b"]
        ((behind, _),) = b.grad_fn.next_functions
        assert behind.variable.is_leaf
        assert behind.variable.device.type == "cpu"


def test_the_way_to_prefer_is_the_last_and_makes_the_tensor_where_it_belongs():
    assert AT_ONCE.endswith("device=device)")
    assert ".to(" not in AT_ONCE


def test_mistake_that_belongs_here_is_that_the_moved_parameter_is_no_leaf():
    (mistake,) = (one for one in MISTAKES if one.name in CHAPTER.mistakes)
    assert "is_leaf=False" in mistake.run()[0].printed[0]


# --- back to NumPy ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["x.numpy()", "x.cpu().numpy()"])
def test_tensor_on_the_cpu_becomes_an_array_of_the_same_memory(way):
    one = outcome("back", place='"cpu"', way=way)
    assert one.answer == "shared memory"
    one.names["array"][0] = 9
    assert one.names["x"].tolist() == [9, 1, 1]
    assert one.names["x"].cpu() is one.names["x"]
    assert "class 'numpy.ndarray'" in one.printed


@pytest.mark.parametrize("place", OTHERS)
def test_numpy_refuses_a_tensor_of_another_device_and_recommends_cpu(place):
    one = outcome("back", place=f'"{place}"', way="x.numpy()")
    with pytest.raises(TypeError, match=r"Tensor\.cpu\(\)") as refused:
        torch.ones(3, device=place).numpy()
    assert one.error == ("TypeError", str(refused.value))
    assert one.source.splitlines()[one.failed_line - 1] == "array = x.numpy()"
    assert one.answer == "an error"
    assert "`cpu()` is for" in one.conclusion


@pytest.mark.parametrize("place", OTHERS)
def test_cpu_copies_the_numbers_from_where_there_are_any(place):
    one = outcome("back", place=f'"{place}"', way="x.cpu().numpy()")
    if place == "meta":
        with pytest.raises(NotImplementedError) as refused:
            torch.ones(3, device="meta").cpu()
        assert one.error == ("NotImplementedError", str(refused.value))
        assert "`meta` has none" in one.conclusion
    else:
        assert one.answer == "a copy"
        np.testing.assert_array_equal(one.names["array"], [1, 1, 1])
        one.names["array"][0] = 9
        assert one.names["x"].tolist() == [1, 1, 1]
