"""Tensors: numbers in any number of dimensions, and which of them are one and the same memory."""

# mypy: allow-untyped-defs

from __future__ import annotations

import torch

from core.course.cell import Cell, Control, Names, Question
from core.course.chapter import Chapter
from core.course.memory import share

__all__ = ["CHAPTER"]


def kinds(made):
    tensor = made
    print(tensor)
    print("dimensions:", tensor.dim())
    print("shape:     ", tensor.shape)
    print("size():    ", tensor.size())
    print("elements:  ", tensor.numel())


def dimensions(names: Names) -> str:
    return str(names["tensor"].dim())


def in_words(names: Names) -> str:
    tensor = names["tensor"]
    if tensor.dim() == 0:
        return "The shape of a scalar is empty: no index is needed to find its one element."
    product = " · ".join(map(str, tensor.shape))
    count = f"{product} = {tensor.numel()}" if tensor.dim() > 1 else product
    return f"The shape has one number for each dimension, and their product counts the elements: {count}."


def creating(library):
    ones = library.ones((2, 3))
    steps = library.linspace(0, 1, 5)
    counted = library.arange(5)
    print(ones)
    print(steps)
    print(counted)
    print(ones.dtype, steps.dtype, counted.dtype)


def precision(names: Names) -> str:
    return str(names["ones"].dtype).removeprefix("torch.")


def viewing(position):
    matrix = torch.zeros(2, 3)
    vector = matrix.view(6)
    print(matrix)

    vector[position] = 9.0
    print(matrix)
    print(vector)


def rows_changed(names: Names) -> str:
    first, second = (bool(row.any()) for row in names["matrix"])
    return {(False, False): "nowhere", (True, False): "in row 0", (False, True): "in row 1"}[first, second]


def reshaping(part):
    matrix = torch.tensor([[1, 2, 3], [4, 5, 6]])
    flat = part.reshape(-1)
    print(flat)

    flat[0] = 9
    print(flat)
    print(matrix)


def reshaped(names: Names) -> str:
    return "yes, shared" if share(names["matrix"], names["flat"]) else "no, a copy"


def why_reshaped(names: Names) -> str:
    if share(names["matrix"], names["flat"]):
        return "Read in order, these elements lie at equal distances in memory: `reshape()` could share them."
    return "Read in order, these elements do not lie at equal distances in memory: `reshape()` had to copy them."


def refusing(way):
    matrix = torch.tensor([[1, 2, 3], [4, 5, 6]])
    turned = matrix.t()
    print(turned)
    print("contiguous:", turned.is_contiguous())

    flat = way
    print(flat)


def refused(names: Names) -> str:
    if names["failed"]:
        return "an error"
    return "shared memory" if share(names["matrix"], names["flat"]) else "a copy"


def why_refused(names: Names) -> str:
    if names["failed"]:
        return (
            "`view()` never copies: where it would have to, it refuses. Its result always shares the memory, that of "
            "`reshape()` may be a copy: this is why `view()` is preferred."
        )
    if "flat" in names and share(names["matrix"], names["flat"]):
        return "Turned back, the elements are read in the order in which they lie in memory: a view is possible again."
    return "This copied the elements into a new order. Code with `contiguous()` says so; `reshape()` does it silently."


def copying(way):
    w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    other = way
    print(other)
    print("requires a gradient:", other.requires_grad)

    other[0] = 9.0
    print(w)


def tie(names: Names) -> str:
    shared, in_graph = share(names["w"], names["other"]), names["other"].requires_grad
    return {(True, False): "the memory", (False, True): "the graph", (False, False): "nothing"}[shared, in_graph]


def ties(names: Names) -> str:
    return {
        "the memory": "`detach()` leaves the graph and copies nothing: a change to `other` is seen in `w`.",
        "the graph": "`clone()` copies the numbers but stays in the graph: gradients flow through it back to `w`.",
        "nothing": (
            "New memory, outside the graph: an independent copy. `clone()` with `detach()` gives it, and so does "
            "`new_tensor()`; PyTorch recommends the first, which says what happens."
        ),
    }[tie(names)]


CHAPTER = Chapter(
    name="tensors",
    title="Tensors",
    summary="PyTorch's arrays: scalar, vector, matrix, tensor, and which of them share their memory.",
    cells=(
        Cell(
            name="kinds",
            title="One word for every shape",
            text=(
                "A single number, a list of numbers, a table: each of them is a **tensor**. They differ in the number "
                "of dimensions. `shape` and `size()` tell the same."
            ),
            code=kinds,
            controls=(
                Control(
                    "made",
                    "Make a tensor",
                    ("torch.tensor(3.5)", "torch.tensor([1, 2, 3])", "torch.ones(2, 3)", "torch.zeros(2, 3, 4)"),
                    "torch.tensor(3.5)",
                ),
            ),
            question=Question("How many dimensions does it have?", ("0", "1", "2", "3"), dimensions),
            conclusion=in_words,
        ),
        Cell(
            name="creation",
            title="The same functions as in NumPy",
            text=(
                "`ones`, `zeros`, `arange`, `linspace`, `full` and `eye` exist in NumPy and in PyTorch. "
                "`np.random.rand` and `np.random.randn` are called `torch.rand` and `torch.randn`. "
                "But look at the types."
            ),
            code=creating,
            controls=(Control("library", "Library", ("np", "torch"), "torch"),),
            question=Question("Of which type are the ones?", ("float32", "float64"), precision),
            conclusion=(
                "`arange(5)` gives `int64` in both. Floating-point numbers come as `float64` from NumPy and as "
                "`float32` from PyTorch, unless `dtype=` says otherwise."
            ),
        ),
        Cell(
            name="view",
            title="A view is the same memory",
            text=(
                "`view()` shows the elements in another shape: here a matrix as a vector of 6. Then one element of the "
                "vector is changed."
            ),
            code=viewing,
            controls=(Control("position", "Position in the vector", (0, 1, 2, 3, 4, 5), 4),),
            question=Question("Where does the matrix change?", ("nowhere", "in row 0", "in row 1"), rows_changed),
            conclusion=(
                "Two names, two shapes, one memory. The elements lie row after row, and a change through either name "
                "is seen through both."
            ),
            memory=("matrix", "vector"),
        ),
        Cell(
            name="reshape",
            title="reshape() shares, or copies",
            text=(
                "`reshape(-1)` makes a vector from any tensor: here from the matrix, its transpose, or a part of it. "
                "Then the first element of the vector is changed."
            ),
            code=reshaping,
            controls=(
                Control(
                    "part",
                    "What is reshaped",
                    ("matrix", "matrix.t()", "matrix[:, 1]", "matrix[:, :2]"),
                    "matrix.t()",
                ),
            ),
            question=Question("Does the matrix change?", ("yes, shared", "no, a copy"), reshaped),
            conclusion=why_reshaped,
            memory=("matrix", "flat"),
        ),
        Cell(
            name="refusal",
            title="view() refuses rather than copy",
            text=(
                "The transpose reads the memory of `matrix` in another order: it is not **contiguous**. "
                "Now we want a vector of its elements."
            ),
            code=refusing,
            controls=(
                Control(
                    "way",
                    "Make the vector",
                    ("turned.view(6)", "turned.reshape(6)", "turned.contiguous().view(6)", "turned.t().view(6)"),
                    "turned.view(6)",
                ),
            ),
            question=Question("What do you get?", ("shared memory", "a copy", "an error"), refused),
            conclusion=why_refused,
            memory=("matrix", "turned", "flat"),
            raises=True,
        ),
        Cell(
            name="copies",
            title="clone() and detach()",
            text=(
                "`w` requires a gradient, as parameters do: PyTorch records what is computed from it, in a **graph**. "
                "`other` is made from `w`, and then its first number is changed."
            ),
            code=copying,
            controls=(
                Control(
                    "way",
                    "Make the other",
                    ("w.detach()", "w.clone()", "w.clone().detach()", "w.new_tensor(w)"),
                    "w.detach()",
                ),
            ),
            question=Question("What still ties `other` to `w`?", ("the memory", "the graph", "nothing"), tie),
            conclusion=ties,
            memory=("w", "other"),
        ),
    ),
)
