"""What the chapter on devices tells its readers, on machines with an accelerator and on those without."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.course import Outcome, run_cell
from core.course.chapters.c05_devices import CHAPTER
from core.training.devices import find_devices

CELLS = {cell.name: cell for cell in CHAPTER.cells}
FOUND = [device.name for device in find_devices() if device.available]
PLACES = ("cpu", "meta", *FOUND[1:2])
OTHERS = PLACES[1:]


def outcome(cell: str, **chosen) -> Outcome:
    return run_cell(CHAPTER, CELLS[cell], chosen)


def quoted(*names: str) -> tuple[str, ...]:
    return tuple(f'"{name}"' for name in names)


# --- what is there ----------------------------------------------------------------------------------------


def test_every_cell_offers_the_cpu_meta_and_the_accelerator_if_there_is_one():
    for cell in ("arriving", "together", "back"):
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
        assert "PyTorch does not take another device by itself" in one.conclusion
        assert one.names["device"] in FOUND  # the line with `if` did
    else:
        expected = torch.ones(3, device=name).device
        assert one.error is None
        assert one.answer == "yes"
        assert one.names["x"].device == expected
        assert expected.type == name.split(":")[0]
        assert one.printed.endswith(f"x lies on:   {expected}\n")
        assert one.conclusion.startswith("`x` lies where it was asked for.")


def test_usual_choice_is_a_device_on_which_a_tensor_can_be_made():
    one = outcome("finding", wanted='"cpu"')
    assert one.names["device"] == ("cuda" if torch.cuda.is_available() else "cpu")
    assert torch.ones(1, device=one.names["device"]).sum().item() == 1
    assert f"to be used:  {one.names['device']}\n" in one.printed
    gpus = [torch.cuda.get_device_properties(number).name for number in range(torch.cuda.device_count())]
    assert one.printed.startswith(f"CUDA GPUs:   {gpus}\naccelerator: {torch.accelerator.is_available()}\n")


def test_every_machine_has_a_cpu():
    assert FOUND[0] == "cpu"
    assert torch.ones(1, device="cpu").sum().item() == 1


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
    assert "both are a `torch.Tensor`" in one.conclusion
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


# --- from NumPy to the device -----------------------------------------------------------------------------


def accepts(place: str, dtype: torch.dtype) -> bool:
    """Whether the device takes tensors of this type; Apple's GPUs, for one, take no float64."""
    try:
        torch.ones(1, dtype=dtype).to(place)
    except (TypeError, RuntimeError):
        return False
    return True


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("made", CELLS["arriving"].controls[1].options)
def test_array_arrives_with_the_type_and_on_the_device_that_were_named(place, made):
    one = outcome("arriving", place=f'"{place}"', made=made)
    array, dtype = one.names["x_train"], torch.float32 if ".float()" in made else torch.float64
    assert (type(array), array.dtype, array.shape) == (np.ndarray, np.float64, (80, 1))
    if not accepts(place, dtype):
        with pytest.raises((TypeError, RuntimeError)) as refused:
            torch.as_tensor(array).to(place)
        assert one.error == (refused.type.__name__, str(refused.value))
        assert (one.answer, dtype) == ("no", torch.float64)
        return
    x, expected = one.names["x"], torch.as_tensor(array).to(dtype).to(place)
    assert (type(x), x.dtype, x.device, x.shape) == (torch.Tensor, dtype, expected.device, (80, 1))
    assert one.printed.splitlines() == [
        "<class 'numpy.ndarray'> float64",
        f"<class 'torch.Tensor'> {dtype}",
        f"{expected.type()} on {place}",
    ]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("made", CELLS["arriving"].controls[1].options)
def test_array_and_tensor_share_memory_only_with_the_same_type_on_the_cpu(place, made):
    one = outcome("arriving", place=f'"{place}"', made=made)
    shared = place == "cpu" and ".float()" not in made
    assert one.answer == ("yes" if shared else "no")
    if one.error:
        assert not accepts(place, torch.float64)
        assert "no `float64`" in one.conclusion
        return
    array, x = one.names["x_train"], one.names["x"]
    assert (array.ctypes.data == x.data_ptr()) == shared
    assert ("nothing had to be copied" in one.conclusion) == shared
    assert ("needs other memory" in one.conclusion) == (not shared)
    before = array[0, 0]
    array[0, 0] = 9
    if place != "meta":
        assert x[0, 0].item() == pytest.approx(9 if shared else before)
        x[1, 0] = 5
    assert (array[1, 0] == 5) == shared


def test_device_without_float64_is_said_to_need_float_first():
    question, conclusion = CELLS["arriving"].question, CELLS["arriving"].conclusion
    names = {"failed": "TypeError", "x_train": np.ones(1)}
    assert question.answer(names) == "no"
    assert conclusion(names) == "This device has no `float64`: there `float()` has to come first."


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
        assert "`meta` has no numbers that `cpu()` could copy" in one.conclusion
    else:
        assert one.answer == "a copy"
        np.testing.assert_array_equal(one.names["array"], [1, 1, 1])
        one.names["array"][0] = 9
        assert one.names["x"].tolist() == [1, 1, 1]
