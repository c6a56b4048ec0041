"""Creating parameters: what tells them from data, where their first values come from, and who may change them.

The course's device is the CPU on every machine; `copy=True` makes the copy there that moving elsewhere would make.
"""

# mypy: allow-untyped-defs
# ruff: noqa: B018  a control alone on a line stands for a statement

from __future__ import annotations

import torch

from core.course.cell import Cell, Control, Names, Question
from core.course.chapter import Chapter
from core.course.memory import share

__all__ = ["CHAPTER"]


def asking(made):
    tensor = made
    print(tensor)
    print("requires_grad:", tensor.requires_grad)


def asked(names: Names) -> str:
    if names["failed"]:
        return "PyTorch refuses"
    return "yes" if names["tensor"].requires_grad else "no"


def what_asking_means(names: Names) -> str:
    if names["failed"]:
        return "Whole numbers have no «gradient»: write `1.0` instead of `1`."
    if names["tensor"].requires_grad:
        return "`requires_grad=True` is printed with the number: for this tensor PyTorch will compute a «gradient»."
    return "Nothing is printed behind the number: for PyTorch this is «data», whatever it is meant to be."


# --- the seed ---------------------------------------------------------------------------------------------


def starting(seed, again):
    torch.manual_seed(seed)
    b = torch.randn(1, requires_grad=True)
    w = torch.randn(1, requires_grad=True)
    print(f"b: {b.item():.4f}")
    print(f"w: {w.item():.4f}")

    torch.manual_seed(again)
    w_alone = torch.randn(1, requires_grad=True)
    print(f"w, drawn alone: {w_alone.item():.4f}")


def whose_number(names: Names) -> str:
    for name in "bw":
        if torch.equal(names["w_alone"], names[name]):
            return f"that of {name}"
    return "another one"


# --- a generator ------------------------------------------------------------------------------------------


def owning(stream, drawn):
    torch.manual_seed(42)
    torch.rand(drawn)  # other code draws

    rng = stream
    b = torch.randn(1, generator=rng, requires_grad=True)
    w = torch.randn(1, generator=rng, requires_grad=True)
    print(f"b: {b.item():.4f}")
    print(f"w: {w.item():.4f}")


def undisturbed(names: Names) -> str:
    first = torch.randn(1, generator=torch.Generator().manual_seed(42))
    return "yes" if torch.equal(names["b"], first) else "no"


# --- the device -------------------------------------------------------------------------------------------


def moving(made):
    # copy=True: as if "cpu" were another device
    start = torch.ones(1)
    b = made
    print(b)

    loss = (b - 3) ** 2
    loss.backward()
    print("b is a leaf:", b.is_leaf)
    print("b.grad:     ", b.grad)
    print("start.grad: ", start.grad)


def what_arrived(names: Names) -> str:
    return "a gradient" if names["b"].is_leaf and names["b"].grad is not None else "None"


def where_it_went(names: Names) -> str:
    if names["b"].is_leaf:
        return (
            "This `b` is a leaf, so its «gradient» arrives. Making it on its device at once needs nothing else, "
            "and is recommended."
        )
    return "This `b` is the result of copying. The «gradient» went to `start`, which had asked and stayed behind."


# --- in place ---------------------------------------------------------------------------------------------


def underscore(call):
    values = torch.tensor([1.0, 2.0, 3.0])
    print("before:", values)

    result = call
    print("after: ", values)
    print("result:", result)


def written(names: Names) -> str:
    return "no" if torch.equal(names["values"], torch.tensor([1.0, 2.0, 3.0])) else "yes"


def where_the_result_is(names: Names) -> str:
    if share(names["values"], names["result"]):
        return "The underscore says **in place**: the memory is written, and `result` is `values` under another name."
    return "Without the underscore the result is a new tensor with memory of its own."


def guarding(step):
    b = torch.tensor([1.0])
    same = b.requires_grad_()
    print(b)
    print("the same tensor:", same is b)

    step
    print(b)


def became(names: Names) -> str:
    if names["failed"]:
        return "PyTorch refuses"
    return "it becomes 2" if names["b"].item() == 2 else "it stays 1"


WHY_GUARDED = {
    "PyTorch refuses": (
        "Recorded, the change would make `b` the result of an operation, and no leaf any more. PyTorch refuses that."
    ),
    "it becomes 2": (
        "Within `no_grad()` PyTorch does not record, and `b` may be changed. This is how parameters are updated."
    ),
    "it stays 1": "Without the underscore the sum is a new tensor, and here nobody keeps it.",
}


def why_guarded(names: Names) -> str:
    return WHY_GUARDED[became(names)]


CHAPTER = Chapter(
    name="parameters",
    title="Creating parameters",
    summary="«b» and «w» are tensors that training changes, and they ask PyTorch for their «gradient»s.",
    mistakes=("device",),
    cells=(
        Cell(
            name="asking",
            title="A parameter asks for a gradient",
            text=(
                "Training leaves the «data» as they are and changes a **parameter**, for which it needs a «gradient». "
                "One argument makes the difference."
            ),
            code=asking,
            controls=(
                Control(
                    "made",
                    "Make a tensor",
                    (
                        "torch.tensor([1.0])",
                        "torch.tensor([1.0], requires_grad=True)",
                        "torch.tensor([1], requires_grad=True)",
                    ),
                    "torch.tensor([1.0])",
                ),
            ),
            question=Question(
                "Will PyTorch compute a gradient for this tensor?", ("yes", "no", "PyTorch refuses"), asked
            ),
            conclusion=what_asking_means,
            raises=True,
        ),
        Cell(
            name="seed",
            title="A random start that comes back",
            text=(
                "Training starts at random numbers: first `b` is drawn, then `w`. "
                "Then a seed is set once more, and `w` is drawn alone."
            ),
            code=starting,
            controls=(
                Control("seed", "First seed", (7, 13, 41, 42, 43), 42),
                Control("again", "Second seed", (7, 13, 41, 42, 43), 42),
            ),
            question=Question(
                "Which number does `w` get when it is drawn alone?",
                ("that of b", "that of w", "another one"),
                whose_number,
            ),
            conclusion=(
                "A seed fixes the numbers and their order, not who gets them. "
                "With the first seed, every PyTorch run of the lab starts at this «b» and «w»."
            ),
        ),
        Cell(
            name="generator",
            title="A generator of its own",
            text=(
                "With `generator=None`, random numbers come from one stream that the whole program shares. "
                "A **generator** is a separate stream. Other code may draw before `b`."
            ),
            code=owning,
            controls=(
                Control("stream", "Draw from", ("None", "torch.Generator().manual_seed(42)"), "None"),
                Control("drawn", "Numbers that other code draws", (0, 1, 2, 5), 1),
            ),
            question=Question("Does `b` get the first number of seed 42?", ("yes", "no"), undisturbed),
            conclusion=(
                "Every draw from the shared stream changes what all other code gets. "
                "A generator changes only when it is used itself; each run of the lab has its own."
            ),
        ),
        Cell(
            name="device",
            title="Ask after moving, not before",
            text=(
                "A **leaf** is a tensor that no recorded operation made; only leaves get a `.grad` by themselves. "
                "Where `.to()` has to copy a parameter, the copy is not a leaf."
            ),
            code=moving,
            controls=(
                Control(
                    "made",
                    "Make b",
                    (
                        'torch.ones(1, requires_grad=True, device="cpu")',
                        'start.requires_grad_().to("cpu", copy=True)',
                        'start.to("cpu", copy=True).requires_grad_()',
                    ),
                    'start.requires_grad_().to("cpu", copy=True)',
                ),
            ),
            question=Question("What is in `b.grad` after `backward()`?", ("a gradient", "None"), what_arrived),
            conclusion=where_it_went,
        ),
        Cell(
            name="underscore",
            title="An underscore changes in place",
            text="Many methods exist twice: with an underscore at the end of the name, and without.",
            code=underscore,
            controls=(
                Control("call", "Call", ("values.add(1)", "values.add_(1)", "values.zero_()"), "values.add_(1)"),
            ),
            question=Question("Does `values` change?", ("yes", "no"), written),
            conclusion=where_the_result_is,
            memory=("values", "result"),
        ),
        Cell(
            name="guarded",
            title="PyTorch guards a parameter",
            text="`requires_grad_()` turns a tensor into a parameter, in place. Then 1 is added.",
            code=guarding,
            controls=(
                Control("step", "Add", ("b.add(1)", "b.add_(1)", "with torch.no_grad(): b.add_(1)"), "b.add_(1)"),
            ),
            question=Question("What happens to `b`?", ("it becomes 2", "it stays 1", "PyTorch refuses"), became),
            conclusion=why_guarded,
            raises=True,
        ),
    ),
)
