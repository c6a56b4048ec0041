"""Loading data: from NumPy to PyTorch and back, what is copied on the way, and how exact it stays.

Functions that use the data of the chapter's setup have it as their first parameter.
"""

# mypy: allow-untyped-defs

from __future__ import annotations

import numpy as np
import torch

from core.course.cell import Cell, Control, Names, Question
from core.course.chapter import Chapter
from core.course.memory import share
from core.experiment import Experiment
from core.takeaway.program import make_program

__all__ = ["CHAPTER"]


def sharing(x_train, made):
    array = x_train[:3, 0].round(2)
    tensor = made
    print(tensor)

    array[0] = 9.0
    tensor[1] = 5.0
    print(array)
    print(tensor)


def both(names: Names) -> str:
    return "yes" if share(names["array"], names["tensor"]) else "no"


def who_shares(names: Names) -> str:
    if share(names["array"], names["tensor"]):
        return "One memory, seen by NumPy and by PyTorch: what either changes, both see."
    return "`torch.tensor()` always copies: from here on, array and tensor go their own ways."


def reading(numbers):
    given = numbers
    tensor = torch.as_tensor(given)
    print(tensor.dtype)

    given[0] = 9.0
    print(given)
    print(tensor)


def follows(names: Names) -> str:
    return "yes" if names["tensor"][0] == names["given"][0] else "no"


def converting(x_train, conversion):
    tensor = torch.as_tensor(x_train)
    after = conversion
    print("before:", tensor.dtype, tensor.nbytes, "bytes")
    print("after: ", after.dtype, after.nbytes, "bytes")
    print("the same tensor:", after is tensor)


def size(names: Names) -> str:
    return str(names["after"].nbytes)


def what_it_took(names: Names) -> str:
    after = names["after"]
    count = f"{after.numel()} numbers of {after.element_size()} bytes each."
    if after is names["tensor"]:
        return f"{count} They were of this type already, so the very same tensor came back."
    return f"{count} Another type needs other memory: the conversion made a copy."


def floating(x_train, kind, way):
    array = x_train[:4, 0].round(2).astype(kind)
    tensor = way
    print(tensor)

    array[0] = 9.0
    print(array)
    print(tensor)


def why_it_follows(names: Names) -> str:
    if share(names["array"], names["tensor"]):
        return "The array was `float32` already: `as_tensor()` shared it, and `float()` had nothing to do."
    if names["array"].dtype == np.float32:
        return "The array was `float32` already, but `torch.tensor()` copies whatever it gets."
    return "On the way from `float64` to `float32` there is always a copy: the numbers are written anew."


def rounding(number):
    before = torch.tensor(number, dtype=torch.float64)
    after = before.float().double()
    print(f"before: {before.item():.20f}")
    print(f"after:  {after.item():.20f}")
    print(f"error:  {(after - before).item():.2g}")


def unchanged(names: Names) -> str:
    return "yes" if torch.equal(names["before"], names["after"]) else "no"


def how_exact(names: Names) -> str:
    if unchanged(names) == "yes":
        return "This number fits into the 24 binary digits of a `float32`, so nothing is lost."
    error = ((names["before"] - names["after"]) / names["before"]).abs().item()
    return (
        f"A `float32` keeps 24 binary digits, and this number needs more. The relative error is `{error:.2g}`; "
        "rounding never makes it larger than `6e-08`."
    )


def returning(asked, way):
    w = torch.tensor([1.0, 2.0, 3.0], requires_grad=asked)
    print(w)

    array = way
    array[0] = 9.0
    print(array)
    print(w)


def what_came(names: Names) -> str:
    if names["failed"]:
        return "an error"
    return "shared memory" if share(names["w"], names["array"]) else "a copy"


def why_it_came(names: Names) -> str:
    if names["failed"]:
        return (
            "What NumPy does would be missing in the graph, so PyTorch refuses. `detach()` leaves the graph on purpose."
        )
    if share(names["w"], names["array"]):
        return "`numpy()` copies nothing: a change to the array is seen in the tensor."
    return "`clone()` copied the numbers first: the array has memory of its own."


CHAPTER = Chapter(
    name="loading",
    title="Loading data",
    summary="From NumPy to PyTorch and back: what is shared, what is copied, and how exact the numbers stay.",
    setup=make_program(Experiment()).data,
    mistakes=("numpy", "dtype"),
    cells=(
        Cell(
            name="sharing",
            title="Shared with NumPy, or copied",
            text=(
                "Three ways to make a tensor from an array: here from three numbers of the data. Then one element is "
                "changed through the array, and one through the tensor."
            ),
            code=sharing,
            controls=(
                Control(
                    "made",
                    "Make the tensor",
                    ("torch.from_numpy(array)", "torch.tensor(array)", "torch.as_tensor(array)"),
                    "torch.as_tensor(array)",
                ),
            ),
            question=Question("Do both show the 9 and the 5?", ("yes", "no"), both),
            conclusion=who_shares,
            memory=("array", "tensor"),
        ),
        Cell(
            name="lists",
            title="A list is read, an array is shared",
            text="`as_tensor()` takes lists too. Then the first number of what it was given is changed.",
            code=reading,
            controls=(
                Control(
                    "numbers",
                    "What it is given",
                    ("[0.2, 0.4, 0.6]", "np.array([0.2, 0.4, 0.6])"),
                    "[0.2, 0.4, 0.6]",
                ),
            ),
            question=Question("Does the tensor show the 9?", ("yes", "no"), follows),
            conclusion=(
                "A list has no memory that a tensor could share: its numbers are read into a new one, as `float32`. "
                "An array is shared, and stays `float64`."
            ),
        ),
        Cell(
            name="bytes",
            title="float() takes half the bytes",
            text=(
                "`as_tensor()` keeps the type of an array: here `float64`, with 8 bytes for each of the 80 numbers. "
                "Now they are converted."
            ),
            code=converting,
            controls=(
                Control(
                    "conversion",
                    "Convert",
                    ("tensor.half()", "tensor.float()", "tensor.double()"),
                    "tensor.float()",
                ),
            ),
            question=Question("How many bytes do they take now?", ("160", "320", "640"), size),
            conclusion=what_it_took,
        ),
        Cell(
            name="float",
            title="Does float() copy?",
            text=(
                "The array is of type `float32` or `float64`. A tensor is made from it in one of two ways. "
                "Then the first number of the array is changed."
            ),
            code=floating,
            controls=(
                Control("kind", "Type of the array", ("np.float32", "np.float64"), "np.float32"),
                Control(
                    "way",
                    "Make the tensor",
                    ("torch.as_tensor(array).float()", "torch.tensor(array).float()"),
                    "torch.as_tensor(array).float()",
                ),
            ),
            question=Question("Does the tensor show the 9?", ("yes", "no"), both),
            conclusion=why_it_follows,
            memory=("array", "tensor"),
        ),
        Cell(
            name="precision",
            title="What float() loses",
            text=(
                "A `float64` is exact to about 16 digits, a `float32` to about 7. A number is converted to `float32` "
                "and back."
            ),
            code=rounding,
            controls=(Control("number", "The number", (0.1, 0.25, 1.0, 16777216.0, 16777217.0), 0.1),),
            question=Question("Is it the same number again?", ("yes", "no"), unchanged),
            conclusion=how_exact,
        ),
        Cell(
            name="back",
            title="Back to NumPy",
            text="`numpy()` turns a tensor into an array. Here the tensor may require a gradient, as parameters do.",
            code=returning,
            controls=(
                Control("asked", "Requires a gradient", ("False", "True"), "True"),
                Control(
                    "way",
                    "Make the array",
                    ("w.numpy()", "w.detach().numpy()", "w.detach().clone().numpy()"),
                    "w.numpy()",
                ),
            ),
            question=Question("What do you get?", ("shared memory", "a copy", "an error"), what_came),
            conclusion=why_it_came,
            memory=("w", "array"),
            raises=True,
        ),
    ),
)
