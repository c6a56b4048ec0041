"""Devices: where a tensor lies, what that allows, and how data get from NumPy to a device and back.

Every PyTorch has a device `meta`, whose tensors have a shape and a type but no numbers. It stands for another device
on machines that have no accelerator; where there is one, it is offered as well.
"""

# mypy: allow-untyped-defs

from __future__ import annotations

import torch

from core.course.cell import Cell, Control, Names, Question
from core.course.chapter import Chapter
from core.course.memory import share as share_memory
from core.experiment import Experiment
from core.takeaway.program import make_program
from core.training.devices import find_devices

__all__ = ["CHAPTER"]

ACCELERATOR = [device.name for device in find_devices() if device.available and device.name != "cpu"][:1]
"""The first accelerator of this machine, if it has any."""

PLACES = tuple(f'"{name}"' for name in ("cpu", "meta", *ACCELERATOR))
"""The devices on offer, as code."""

ASKED = tuple(dict.fromkeys(f'"{name}"' for name in ("cpu", "cuda", *ACCELERATOR)))
"""The devices to ask for, whether they are here or not."""


def finding(wanted):
    gpus = range(torch.cuda.device_count())
    named = [torch.cuda.get_device_name(i) for i in gpus]
    print("CUDA GPUs:  ", named)
    some = torch.accelerator.is_available()
    print("accelerator:", some)
    found = torch.cuda.is_available()
    device = "cuda" if found else "cpu"
    print("to be used: ", device)

    x = torch.ones(3, device=wanted)
    print("x lies on:  ", x.device)


def succeeded(names: Names) -> str:
    return "no" if names["failed"] else "yes"


def why_succeeded(names: Names) -> str:
    if names["failed"]:
        return (
            "PyTorch does not take another device by itself. The line with `if` does: "
            "it falls back to the CPU, which every machine has."
        )
    return "`x` lies where it was asked for. Every machine has a CPU; for any other device, look first."


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


def arriving(x_train, place, made):
    device = place
    x = made
    print(type(x_train), x_train.dtype)
    print(type(x), x.dtype)
    print(x.type(), "on", device)


def shared(names: Names) -> str:
    if names["failed"]:  # some accelerators refuse float64
        return "no"
    x = names["x"]
    return "yes" if x.device.type == "cpu" and share_memory(names["x_train"], x) else "no"


def why_shared(names: Names) -> str:
    if names["failed"]:
        return "This device has no `float64`: there `float()` has to come first."
    if shared(names) == "yes":
        return "Same type, same device: nothing had to be copied, and a change to one is seen in the other."
    return "Another type or another device needs other memory: a change to one is not seen in the other."


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
        return "On the CPU every choice works: a missing `device=` shows only on another device."
    if x.device != w.device:
        return "The exception: a scalar may stay on the CPU. Its empty shape says that it is a single number."
    return "Made where `x` lies, `w` can be used with it."


def returning(place, way):
    x = torch.ones(3, device=place)
    print(x)

    array = way
    print(array)
    print(type(array))


def what_came(names: Names) -> str:
    if names["failed"]:
        return "an error"
    return "shared memory" if share_memory(names["x"], names["array"]) else "a copy"


def why_it_came(names: Names) -> str:
    if names["failed"] == "TypeError":
        return (
            "NumPy sees the CPU's memory only, and PyTorch does not copy without being asked: "
            "that is what `cpu()` is for."
        )
    if names["failed"]:
        return (
            "`meta` has no numbers that `cpu()` could copy. For a tensor on a GPU, `x.cpu().numpy()` is the right way."
        )
    if names["x"].device.type == "cpu":
        return "`x` is on the CPU already: `cpu()` gives `x` itself, and `numpy()` shares its memory."
    return "`cpu()` copied the numbers, and `numpy()` shares that copy: writing to the array leaves `x` as it is."


CHAPTER = Chapter(
    name="devices",
    title="Devices",
    summary=(
        "Where a tensor lies, and what that allows. The device `meta`, which every PyTorch has, keeps shapes and "
        "types but no numbers: here it stands for any device other than the CPU."
    ),
    setup=make_program(Experiment()).data,
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
            conclusion=why_succeeded,
            raises=True,
        ),
        Cell(
            name="moving",
            title="to() moves, if it has to",
            text=(
                "`to()` returns the tensor on the device that is named. "
                "Then the first number of what it returned is changed."
            ),
            code=moving,
            controls=(Control("place", "To", (PLACES[0], '"cpu", copy=True', *PLACES[1:]), '"cpu"'),),
            question=Question("Does `x` change?", ("yes", "no"), followed),
            conclusion=why_followed,
        ),
        Cell(
            name="types",
            title="What kind of tensor is it?",
            text=(
                "Python's `type(x)` names the class of the object; the tensor's own `x.type()` names the kind of its "
                "numbers and the device. Now `y` is made from `x`."
            ),
            code=telling,
            controls=(
                Control(
                    "other",
                    "Make y",
                    ("x.double()", *(f"x.to({place})" for place in PLACES[1:]), "x + 1"),
                    "x.double()",
                ),
            ),
            question=Question(
                "Which of the two differs between `x` and `y`?", ("type(x)", "x.type()", "neither"), what_tells
            ),
            conclusion=(
                "For Python both are a `torch.Tensor`. What `x.type()` says in one word, "
                "`x.dtype` and `x.device` say one by one."
            ),
        ),
        Cell(
            name="arriving",
            title="From NumPy to the device",
            text=(
                "`x_train` is an array. `as_tensor()` makes a tensor from it, `float()` sets the type, "
                "`to()` sets the device."
            ),
            code=arriving,
            controls=(
                Control("place", "Device", PLACES, '"cpu"'),
                Control(
                    "made",
                    "Make x",
                    ("torch.as_tensor(x_train).to(device)", "torch.as_tensor(x_train).float().to(device)"),
                    "torch.as_tensor(x_train).to(device)",
                ),
            ),
            question=Question("Does `x` share the memory of `x_train`?", ("yes", "no"), shared),
            conclusion=why_shared,
            raises=True,
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
            name="back",
            title="Back to the CPU before NumPy",
            text="An array lies in the CPU's memory. A tensor from elsewhere has to be brought there first.",
            code=returning,
            controls=(
                Control("place", "Device of x", PLACES, '"meta"'),
                Control("way", "Make the array", ("x.numpy()", "x.cpu().numpy()"), "x.numpy()"),
            ),
            question=Question("What do you get?", ("shared memory", "a copy", "an error"), what_came),
            conclusion=why_it_came,
            raises=True,
        ),
    ),
)
