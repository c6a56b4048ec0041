"""What the chapter on tensors tells its readers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.course import Outcome, run_cell
from core.course.chapters.c03_tensors import CHAPTER

CELLS = {cell.name: cell for cell in CHAPTER.cells}
NUMBERS = [[1, 2, 3], [4, 5, 6]]


def outcome(cell: str, **chosen) -> Outcome:
    return run_cell(CHAPTER, CELLS[cell], chosen)


def options(cell: str) -> tuple:
    return CELLS[cell].controls[0].options


def same_start(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()


# --- shapes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("made", "shape"), list(zip(options("kinds"), [(), (3,), (2, 3), (2, 3, 4)], strict=True)))
def test_shape_has_one_number_for_each_dimension_and_their_product_counts_the_elements(made, shape):
    one = outcome("kinds", made=made)
    assert one.answer == str(len(shape))
    assert f"dimensions: {len(shape)}\n" in one.printed
    assert f"shape:      torch.Size({list(shape)})\nsize():     torch.Size({list(shape)})\n" in one.printed
    elements = int(np.prod(shape))  # of no numbers it is 1
    assert one.printed.endswith(f"elements:   {elements}\n")
    if shape:
        written = " · ".join(map(str, shape))
        assert one.conclusion.endswith(f": {written} = {elements}." if len(shape) > 1 else f": {elements}.")


def test_scalar_has_an_empty_shape_and_needs_no_index():
    one = outcome("kinds", made="torch.tensor(3.5)")
    assert "torch.Size([])" in one.printed
    assert "empty" in one.conclusion
    assert one.names["tensor"].item() == 3.5
    with pytest.raises(IndexError):
        one.names["tensor"][0]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("ones", ((2, 3),)),
        ("zeros", ((2, 3),)),
        ("arange", (5,)),
        ("linspace", (0, 1, 5)),
        ("full", ((2, 3), 7.5)),
        ("eye", (3,)),
    ],
)
def test_functions_of_one_name_make_the_same_numbers_in_numpy_and_pytorch(name, given):
    assert f"`{name}`" in CELLS["creation"].text
    array, tensor = getattr(np, name)(*given), getattr(torch, name)(*given)
    np.testing.assert_array_equal(array, tensor.numpy())
    expected = ("int64", "torch.int64") if name == "arange" else ("float64", "torch.float32")
    assert (str(array.dtype), str(tensor.dtype)) == expected
    assert torch.ones(2, dtype=torch.float64).dtype == torch.float64
    assert np.ones(2, dtype=np.float32).dtype == np.float32


@pytest.mark.parametrize("name", ["rand", "randn"])
def test_random_numbers_have_the_same_names_below_np_random_and_torch(name):
    assert f"`np.random.{name}`" in CELLS["creation"].text
    assert f"`torch.{name}`" in CELLS["creation"].text
    array, tensor = getattr(np.random, name)(2, 3), getattr(torch, name)(2, 3)
    assert array.shape == tuple(tensor.shape) == (2, 3)
    assert (str(array.dtype), str(tensor.dtype)) == ("float64", "torch.float32")
    assert getattr(torch, name)(2, dtype=torch.float64).dtype == torch.float64
    # Between 0 and 1, or normally distributed, in both.
    many = (
        getattr(np.random.RandomState(0), name)(10_000),
        getattr(torch, name)(10_000, generator=torch.Generator().manual_seed(0)).numpy(),
    )
    for numbers in many:
        assert (numbers.min() >= 0 and numbers.max() < 1) == (name == "rand")
        assert numbers.std() == pytest.approx(1 if name == "randn" else 12**-0.5, rel=0.05)


@pytest.mark.parametrize(
    ("library", "types"), [("np", "float64 float64 int64"), ("torch", "torch.float32 torch.float32 torch.int64")]
)
def test_numpy_makes_float64_and_pytorch_float32(library, types):
    one = outcome("creation", library=library)
    assert one.printed.endswith(f"{types}\n")
    assert one.answer == types.split()[0].removeprefix("torch.")


# --- views and copies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", options("view"))
def test_write_through_a_view_changes_the_matrix_in_the_row_in_which_the_element_lies(position):
    one = outcome("view", position=position)
    matrix, vector = one.names["matrix"], one.names["vector"]
    row, column = divmod(position, 3)
    expected = np.zeros((2, 3))
    expected[row, column] = 9
    assert matrix.tolist() == expected.tolist()
    assert vector.tolist() == expected.ravel().tolist()
    assert one.answer == f"in row {row}"
    assert matrix.data_ptr() == vector.data_ptr()


def test_write_through_the_matrix_is_seen_in_the_view_as_well():
    names = outcome("view").names
    names["matrix"][0, 2] = 5.0
    assert names["vector"][2] == 5


def test_picture_shows_one_memory_and_the_one_element_that_was_written():
    (storage,) = outcome("view", position=4).memory.storages
    assert list(storage.former) == [0] * 6
    assert list(storage.values) == [0, 0, 0, 0, 9, 0]


@pytest.mark.parametrize(
    ("part", "flat", "shared"),
    [
        ("matrix", [1, 2, 3, 4, 5, 6], True),
        ("matrix.t()", [1, 4, 2, 5, 3, 6], False),
        ("matrix[:, 1]", [2, 5], True),
        ("matrix[:, :2]", [1, 2, 4, 5], False),
    ],
)
def test_reshape_shares_elements_that_lie_at_equal_distances_and_copies_others(part, flat, shared):
    distances = np.diff([value - 1 for value in flat])  # the numbers 1 to 6 lie in memory in their order
    assert (len(set(distances.tolist())) == 1) == shared
    one = outcome("reshape", part=part)
    assert one.names["flat"].tolist() == [9, *flat[1:]]
    assert same_start(one.names["matrix"], one.names["flat"]) == shared
    assert (one.names["matrix"].tolist() != NUMBERS) == shared
    assert one.answer == ("yes, shared" if shared else "no, a copy")
    assert ("copy" not in one.conclusion) == shared
    assert len(one.memory.storages) == (1 if shared else 2)


def test_every_part_on_offer_is_reshaped():
    assert options("reshape") == ("matrix", "matrix.t()", "matrix[:, 1]", "matrix[:, :2]")


def test_view_of_the_transpose_is_refused_in_pytorchs_words():
    one = outcome("refusal", way="turned.view(6)")
    with pytest.raises(RuntimeError) as caught:
        torch.tensor(NUMBERS).t().view(6)
    assert one.error == ("RuntimeError", str(caught.value))
    assert one.source.splitlines()[one.failed_line - 1] == "flat = turned.view(6)"
    assert one.answer == "an error"
    assert [int(value) for value in one.memory.storages[0].values] == [1, 2, 3, 4, 5, 6]
    assert "where it would have to, it refuses" in one.conclusion


def test_result_of_view_always_shares_and_that_of_reshape_may_be_a_copy():
    matrix = torch.tensor(NUMBERS)
    kept = set()
    for part in (matrix, matrix.t(), matrix[:, 1], matrix[:, :2], matrix[1]):
        flat = part.reshape(-1)
        kept.add(same_start(matrix, flat))
        if same_start(matrix, flat):
            assert same_start(matrix, part.view(-1))
        else:
            with pytest.raises(RuntimeError, match="view size is not compatible"):
                part.view(-1)
    assert kept == {True, False}
    assert "may be a copy" in outcome("refusal", way="turned.view(6)").conclusion


@pytest.mark.parametrize(
    ("way", "flat", "answer"),
    [
        ("turned.reshape(6)", [1, 4, 2, 5, 3, 6], "a copy"),
        ("turned.contiguous().view(6)", [1, 4, 2, 5, 3, 6], "a copy"),
        ("turned.t().view(6)", [1, 2, 3, 4, 5, 6], "shared memory"),
    ],
)
def test_transpose_becomes_a_vector_by_a_copy_or_when_it_is_turned_back(way, flat, answer):
    one = outcome("refusal", way=way)
    assert one.names["flat"].tolist() == flat
    assert one.answer == answer
    assert same_start(one.names["matrix"], one.names["flat"]) == (answer == "shared memory")
    assert one.warned == ()  # reshape() copies silently
    assert ("copied" in one.conclusion) == (answer == "a copy")


@pytest.mark.parametrize("way", options("refusal"))
def test_transpose_reads_the_memory_of_the_matrix_in_another_order(way):
    one = outcome("refusal", way=way)
    matrix, turned = one.names["matrix"], one.names["turned"]
    assert matrix.data_ptr() == turned.data_ptr()
    assert (matrix.stride(), turned.stride()) == ((3, 1), (1, 3))
    assert not turned.is_contiguous()
    assert "contiguous: False\n" in one.printed


# --- clone and detach -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "shared", "in_graph", "answer"),
    [
        ("w.detach()", True, False, "the memory"),
        ("w.clone()", False, True, "the graph"),
        ("w.clone().detach()", False, False, "nothing"),
        ("w.new_tensor(w)", False, False, "nothing"),
    ],
)
def test_detach_shares_memory_clone_stays_in_the_graph_and_both_together_do_neither(way, shared, in_graph, answer):
    one = outcome("copies", way=way)
    w, other = one.names["w"], one.names["other"]
    assert other.tolist() == [9, 2, 3]
    assert w.tolist() == ([9, 2, 3] if shared else [1, 2, 3])
    assert (w.data_ptr() == other.data_ptr()) == shared
    assert other.requires_grad == in_graph
    assert f"requires a gradient: {in_graph}\n" in one.printed
    assert one.answer == answer
    assert len(one.memory.storages) == (1 if shared else 2)
    assert ("independent copy" in one.conclusion) == (answer == "nothing")


def test_what_is_computed_from_a_parameter_is_recorded_in_a_graph():
    w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    ((recorded, _),) = w.sum().grad_fn.next_functions
    assert recorded.variable is w


def test_gradients_flow_through_a_clone_back_to_the_original():
    names = outcome("copies", way="w.clone()").names
    (names["other"] ** 2).sum().backward()
    # The first element of the clone was overwritten, so nothing depends on that of w; the others give 2·w.
    assert names["w"].grad.tolist() == [0, 4, 6]


def test_only_new_tensor_is_warned_of_and_the_warning_recommends_clone_and_detach():
    for way in options("copies"):
        warned = outcome("copies", way=way).warned
        assert len(warned) == (way == "w.new_tensor(w)")
        assert all("detach().clone()" in warning for warning in warned)
