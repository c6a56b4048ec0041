"""Devices: where a tensor lies, what that allows, and why it is best made there at once.

Every PyTorch has a device `meta`, whose tensors have a shape and a type but no numbers. It stands for another device
on machines that have no accelerator; where there is one, it is offered as well.
"""

# mypy: allow-untyped-defs

from __future__ import annotations

import torch

from core.course.cell import Cell, Control, Names, Question
from core.course.chapter import Chapter
from core.course.memory import share
from core.devices import find_devices

__all__ = ["CHAPTER"]

ACCELERATOR = [device.name for device in find_devices() if device.available and device.name != "cpu"][:1]
"""The first accelerator of this machine, if it has any."""

PLACES = tuple(f'"{name}"' for name in ("cpu", "meta", *ACCELERATOR))
"""The devices on offer, as code."""

ASKED = tuple(dict.fromkeys(f'"{name}"' for name in ("cpu", "cuda", *ACCELERATOR)))
"""The devices to ask for, whether they are here or not."""


def finding(wanted):
    count = torch.cuda.device_count()
    print("GPUs with CUDA: ", count)
    for number in range(count):
        print("   ", torch.cuda.get_device_name(number))
    print("any accelerator:", torch.accelerator.is_available())
    device = "cuda" if torch.cuda.is_available() else "cpu"
    print("to be used:     ", device)

    x = torch.ones(3, device=wanted)
    print("x lies on:      ", x.device)


def succeeded(names: Names) -> str:
    return "no" if names["failed"] else "yes"


def moving(place):
    x = torch.tensor([1.0, 2.0, 3.0])
    moved = x.to(place)
    print(moved)
    print("the same tensor:", moved is x)

    moved[0] = 9.0
    print(x)


def followed(names: Names) -> str:
    return "yes" if names["x"][0] == 9 else "no"


def why_followed(names: Names) -> str:
    if names["moved"] is names["x"]:
        return "It was there already, so `to()` did nothing and gave back `x` itself: two names for one tensor."
    where = names["moved"].device.type
    if where == "cpu":
        return "With `copy=True` there is a new tensor even on the same device."
    note = " The `...` stands for the numbers, which `meta` does not keep." if where == "meta" else ""
    return f"Another device has other memory: a new tensor, and `x` stays as it was.{note}"


def telling(other):
    x = torch.ones(3)
    y = other
    print(type(x), type(y))
    print(x.type(), y.type())
    print(x.dtype, y.dtype)
    print(x.device, y.device)


def what_tells(names: Names) -> str:
    x, y = names["x"], names["y"]
    if type(x) is not type(y):
        return "type(x)"
    return "x.type()" if x.type() != y.type() else "neither"


def together(place, factor):
    device = place
    x = torch.ones(3, device=device)
    w = factor
    print("x on", x.device, x.shape)
    print("w on", w.device, w.shape)

    yhat = w * x
    print(yhat)


def why_together(names: Names) -> str:
    x, w = names["x"], names["w"]
    if names["failed"]:
        return "PyTorch does not move `w` by itself: make it where `x` lies, with `device=`."
    if x.device.type == w.device.type == "cpu":
        return "On the CPU every choice works: that something is missing shows only on another device."
    if x.device != w.device:
        return "The exception: a scalar may stay on the CPU. Its empty shape says that it is but one number."
    return "Made where `x` lies, `w` can be used with it."


def creating(place, made):
    device = place
    b = made
    print(b)
    print("asked for:", device, " a leaf:", b.is_leaf)


def leaf(names: Names) -> str:
    return "yes" if names["b"].is_leaf else "no"


def why_leaf(names: Names) -> str:
    b = names["b"]
    if b.device.type == "cpu":
        return "On the CPU all three are leaves, because `to()` has nothing to do. Try another device."
    if b.is_leaf:
        return (
            "`b` requires a gradient and is the result of no operation: a leaf, for which `backward()` fills `.grad`."
        )
    return "The leaf stayed behind on the CPU: `to()` is an operation like any other, and `b` is its result."


def returning(place, way):
    x = torch.ones(3, device=place)
    print(x)

    array = way
    print(array)
    print(type(array))


def what_came(names: Names) -> str:
    if names["failed"]:
        return "an error"
    return "shared memory" if share(names["x"], names["array"]) else "a copy"


def why_it_came(names: Names) -> str:
    if names["failed"] == "TypeError":
        return "NumPy sees the CPU's memory only, and PyTorch does not copy unasked: that is what `cpu()` is for."
    if names["failed"]:
        return "`cpu()` copies the numbers, and `meta` has none to copy. From a GPU they come."
    if names["x"].device.type == "cpu":
        return "`x` is on the CPU already: `cpu()` would give `x` itself, and `numpy()` shares its memory."
    return "`cpu()` copied the numbers, and `numpy()` shares that copy: writing to the array leaves `x` as it is."


CHAPTER = Chapter(
    name="devices",
    title="Devices",
    summary=(
        "Where a tensor lies, and what that allows. The device `meta`, which every PyTorch has, keeps shapes and "
        "types but no numbers: here it stands for any device other than the CPU."
    ),
    mistakes=("device",),
    cells=(
        Cell(
            name="finding",
            title="What does this machine have?",
            text=(
                "PyTorch says which devices it finds. The line with `if` is the usual choice; the last lines ask for a "
                "device without looking first."
            ),
            code=finding,
            controls=(Control("wanted", "Ask for", ASKED, '"cuda"'),),
            question=Question("Can `x` be made there?", ("yes", "no"), succeeded),
            conclusion=(
                "PyTorch refuses a device that it cannot use, and takes no other in its place. The line with `if` "
                "falls back to the CPU, which every machine has."
            ),
            raises=True,
        ),
        Cell(
            name="moving",
            title="to() moves, if it has to",
            text="`to()` gives the tensor on the device that is named. Then what it gave is written.",
            code=moving,
            controls=(Control("place", "To", (PLACES[0], '"cpu", copy=True', *PLACES[1:]), '"cpu"'),),
            question=Question("Does the write change `x`?", ("yes", "no"), followed),
            conclusion=why_followed,
        ),
        Cell(
            name="types",
            title="What kind of tensor is it?",
            text="Python's `type(x)` and the tensor's own `x.type()` are two questions. Now `y` is made from `x`.",
            code=telling,
            controls=(
                Control(
                    "other",
                    "Make y",
                    ("x.double()", *(f"x.to({place})" for place in PLACES[1:]), "x + 1"),
                    "x.double()",
                ),
            ),
            question=Question("What tells the two apart?", ("type(x)", "x.type()", "neither"), what_tells),
            conclusion=(
                "For Python all of them are `torch.Tensor`. `x.type()` names the dtype and the device together; "
                "`x.dtype` and `x.device` name each by itself."
            ),
        ),
        Cell(
            name="together",
            title="One computation, one device",
            text="`x` lies on a device. `w` is made on the CPU, or with `device=` where `x` is.",
            code=together,
            controls=(
                Control("place", "Device of x", PLACES, '"meta"'),
                Control(
                    "factor",
                    "Make w",
                    ("torch.tensor([2.0])", "torch.tensor([2.0], device=device)", "torch.tensor(2.0)"),
                    "torch.tensor([2.0])",
                ),
            ),
            question=Question("Can they be multiplied?", ("yes", "no"), succeeded),
            conclusion=why_together,
            raises=True,
        ),
        Cell(
            name="creating",
            title="Make it there at once",
            text=(
                "A parameter must be a **leaf** for its gradient to be kept in `.grad`. Three ways to make one on a "
                "device; the last is the one to prefer."
            ),
            code=creating,
            controls=(
                Control("place", "Device", PLACES, '"meta"'),
                Control(
                    "made",
                    "Make b",
                    (
                        "torch.ones(1, requires_grad=True).to(device)",
                        "torch.ones(1).to(device).requires_grad_()",
                        "torch.ones(1, requires_grad=True, device=device)",
                    ),
                    "torch.ones(1, requires_grad=True).to(device)",
                ),
            ),
            question=Question("Is `b` a leaf?", ("yes", "no"), leaf),
            conclusion=why_leaf,
        ),
        Cell(
            name="back",
            title="Back to the CPU before NumPy",
            text="An array lies in the CPU's memory. A tensor from elsewhere has to be brought there first.",
            code=returning,
            controls=(
                Control("place", "Device of x", PLACES, '"meta"'),
                Control("way", "Make the array", ("x.numpy()", "x.cpu().numpy()"), "x.numpy()"),
            ),
            question=Question("What comes of it?", ("shared memory", "a copy", "an error"), what_came),
            conclusion=why_it_came,
            raises=True,
        ),
    ),
)
