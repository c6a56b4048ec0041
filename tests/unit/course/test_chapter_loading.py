"""What the chapter on loading data tells its readers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from core.course import Outcome, run_cell
from core.course.chapters.c04_loading import CHAPTER
from core.mistakes import MISTAKES

CELLS = {cell.name: cell for cell in CHAPTER.cells}


def outcome(cell: str, **chosen) -> Outcome:
    return run_cell(CHAPTER, CELLS[cell], chosen)


def address(value) -> int:
    return value.data_ptr() if isinstance(value, torch.Tensor) else value.ctypes.data


def points() -> np.ndarray:
    """The x of the default experiment's training points, drawn as its documentation says."""
    random = np.random.RandomState(42)
    x = random.rand(100, 1)
    random.randn(100, 1)
    order = np.arange(100)
    random.shuffle(order)
    return x[order[:80]]


# --- from NumPy to PyTorch --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "shared"),
    [("torch.as_tensor(array)", True), ("torch.from_numpy(array)", True), ("torch.tensor(array)", False)],
)
def test_as_tensor_and_from_numpy_share_the_arrays_memory_and_tensor_copies_it(made, shared):
    one = outcome("sharing", made=made)
    array, tensor = one.names["array"], one.names["tensor"]
    assert (address(array) == address(tensor)) == shared
    assert one.answer == ("yes" if shared else "no")
    assert array[0] == 9
    assert tensor[1] == 5
    assert (tensor[0] == 9) == (array[1] == 5) == shared
    assert len(one.memory.storages) == (1 if shared else 2)
    assert ("copies" in one.conclusion) == (not shared)


def test_numbers_are_the_first_of_the_data_and_the_data_stay_as_they_were():
    names = outcome("sharing", made="torch.tensor(array)").names
    rounded = [round(x, 2) for x in points()[:3, 0].tolist()]
    assert names["array"].tolist() == [9, *rounded[1:]]
    assert names["tensor"].tolist() == [rounded[0], 5, *rounded[2:]]
    for cell in CELLS:
        np.testing.assert_array_equal(outcome(cell).names["x_train"], points())


def test_list_is_read_into_a_new_float32_tensor():
    one = outcome("lists", numbers="[0.2, 0.4, 0.6]")
    assert one.answer == "no"
    assert one.printed.startswith("torch.float32\n")
    assert one.names["given"] == [9.0, 0.4, 0.6]
    assert one.names["tensor"].tolist() == np.float32([0.2, 0.4, 0.6]).tolist()


def test_array_is_shared_and_stays_float64():
    one = outcome("lists", numbers="np.array([0.2, 0.4, 0.6])")
    assert one.answer == "yes"
    assert one.printed.startswith("torch.float64\n")
    assert one.names["tensor"].tolist() == [9.0, 0.4, 0.6]
    assert address(one.names["given"]) == address(one.names["tensor"])


# --- types ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conversion", "dtype", "size"),
    [
        ("tensor.half()", torch.float16, 2),
        ("tensor.float()", torch.float32, 4),
        ("tensor.double()", torch.float64, 8),
    ],
)
def test_float_takes_half_the_bytes_and_a_conversion_copies_unless_the_type_is_the_same(conversion, dtype, size):
    one = outcome("bytes", conversion=conversion)
    tensor, converted = one.names["tensor"], one.names["after"]
    assert (tensor.dtype, tensor.nbytes) == (torch.float64, 80 * 8)
    assert (converted.dtype, converted.nbytes) == (dtype, 80 * size)
    assert tensor.dtype == torch.as_tensor(points()).dtype  # as_tensor() kept the type of the array
    assert str(points().dtype) == "float64"
    assert one.printed.startswith(f"before: torch.float64 640 bytes\nafter:  {dtype} {80 * size} bytes\n")
    assert one.answer == str(80 * size)
    same = dtype == torch.float64
    assert (converted is tensor) == same
    assert (address(converted) == address(tensor)) == same
    assert one.printed.endswith(f"the same tensor: {same}\n")
    assert one.conclusion.startswith(f"80 numbers of {size} bytes each.")
    assert ("the very same tensor" in one.conclusion) == same


@pytest.mark.parametrize("kind", ["np.float32", "np.float64"])
@pytest.mark.parametrize("way", ["torch.as_tensor(array).float()", "torch.tensor(array).float()"])
def test_tensor_follows_its_array_only_if_neither_step_had_to_copy(kind, way):
    one = outcome("float", kind=kind, way=way)
    array, tensor = one.names["array"], one.names["tensor"]
    assert str(array.dtype) == kind.removeprefix("np.")
    assert tensor.dtype == torch.float32
    follows = kind == "np.float32" and "as_tensor" in way
    assert (address(array) == address(tensor)) == follows
    assert (tensor[0] == 9).item() == follows
    assert one.answer == ("yes" if follows else "no")
    assert len(one.memory.storages) == (1 if follows else 2)
    told = "float() had nothing to do" if follows else "tensor() copies" if kind == "np.float32" else "always a copy"
    assert told in one.conclusion.replace("`", "").replace("torch.", "")


def test_float_of_what_is_float32_already_is_the_same_tensor():
    tensor = torch.ones(2)
    assert tensor.float() is tensor


@pytest.mark.parametrize("number", CELLS["precision"].controls[0].options)
def test_number_stays_the_same_if_24_binary_digits_hold_it(number):
    one = outcome("precision", number=number)
    numerator = Fraction(number).numerator  # the denominator is a power of two, as that of every float
    digits = (numerator // (numerator & -numerator)).bit_length()  # without the zeros at the end
    kept = float(np.float32(number))
    assert (digits <= 24) == (kept == number) == (one.answer == "yes")
    assert f"before: {number:.20f}\nafter:  {kept:.20f}\n" in one.printed
    assert ("nothing is lost" in one.conclusion) == (kept == number)


def test_rounding_to_float32_never_makes_a_relative_error_above_6e_08():
    numbers = np.random.RandomState(0).uniform(-1e6, 1e6, 100_000)
    errors = np.abs((torch.from_numpy(numbers).float().double().numpy() - numbers) / numbers)
    assert 5.9e-08 < errors.max() <= 2**-24 < 6e-08
    told = outcome("precision", number=0.1).conclusion
    relative = abs(Fraction(float(np.float32(0.1))) - Fraction(0.1)) / Fraction(0.1)
    assert f"The relative error is `{float(relative):.2g}`" in told
    assert float(relative) == pytest.approx(1.5e-08, rel=0.02)
    assert "`6e-08`" in told


def test_float64_has_about_16_digits_and_float32_about_7():
    # A float keeps 53 or 24 binary digits, each of them worth log10(2) decimal ones.
    assert round((np.finfo(np.float64).nmant + 1) * np.log10(2)) == 16
    assert round((np.finfo(np.float32).nmant + 1) * np.log10(2)) == 7
    assert np.finfo(np.float32).nmant + 1 == 24


# --- back to NumPy ----------------------------------------------------------------------------------------


def test_numpy_refuses_a_tensor_that_requires_a_gradient_and_says_what_to_do():
    one = outcome("back", asked="True", way="w.numpy()")
    with pytest.raises(RuntimeError, match=r"detach\(\)\.numpy\(\)") as caught:
        torch.ones(1, requires_grad=True).numpy()
    assert one.error == ("RuntimeError", str(caught.value))
    assert one.source.splitlines()[one.failed_line - 1] == "array = w.numpy()"
    assert one.answer == "an error"


@pytest.mark.parametrize(
    ("asked", "way", "shared"),
    [
        ("False", "w.numpy()", True),
        ("False", "w.detach().numpy()", True),
        ("False", "w.detach().clone().numpy()", False),
        ("True", "w.detach().numpy()", True),
        ("True", "w.detach().clone().numpy()", False),
    ],
)
def test_numpy_shares_memory_and_clone_gives_the_array_its_own(asked, way, shared):
    one = outcome("back", asked=asked, way=way)
    w, array = one.names["w"], one.names["array"]
    assert one.error is None
    assert (address(w) == address(array)) == shared
    assert array.tolist() == [9, 2, 3]
    assert w.tolist() == ([9, 2, 3] if shared else [1, 2, 3])
    assert one.answer == ("shared memory" if shared else "a copy")
    assert ("copies nothing" in one.conclusion) == shared


def test_mistakes_that_belong_here_are_the_same_refusal_and_one_about_types():
    mistake, other = (one for one in MISTAKES if one.name in CHAPTER.mistakes)
    assert (mistake.name, other.name) == ("numpy", "dtype")
    refused = mistake.run()[0].error
    assert refused == ": ".join(outcome("back").error)
