"""Autograd: what `backward()` computes, which tensors take part, who keeps a gradient, and how gradients add up."""

# mypy: allow-untyped-defs, no-check-untyped-defs
# ruff: noqa: B018  a control alone on a line stands for a statement

from __future__ import annotations

import torch

from core.course.cell import Cell, Control, Names, Question
from core.course.chapter import Chapter
from core.course.memory import share
from core.experiment import Experiment
from core.takeaway.program import make_program

__all__ = ["CHAPTER"]

SETUP = f"""\
{make_program(Experiment()).data}

x = torch.tensor(x_train).float()
y = torch.tensor(y_train).float()"""


def by_hand_too(x, y, b_start, w_start):
    b = torch.tensor([b_start], requires_grad=True)
    w = torch.tensor([w_start], requires_grad=True)

    error = b + w * x - y
    loss = (error**2).mean()
    loss.backward()

    b_grad = 2 * error.mean()
    w_grad = 2 * (x * error).mean()
    print(f"b.grad:  {b.grad.item():.4f}")
    print(f"by hand: {b_grad.item():.4f}")
    print(f"w.grad:  {w.grad.item():.4f}")
    print(f"by hand: {w_grad.item():.4f}")


def way_down(names: Names) -> str:
    return "down" if names["b"].grad.item() > 0 else "up"


def what_the_sign_says(names: Names) -> str:
    sign, change = ("above 0", "smaller") if way_down(names) == "down" else ("below 0", "larger")
    return f"`b.grad` is {sign}, so a slightly {change} «b» lowers the «loss». Autograd finds what the formula gives."


# --- who takes part ---------------------------------------------------------------------------------------


def asking(x, y, of_b, of_w):
    b = torch.tensor([0.0], requires_grad=of_b)
    w = torch.tensor([0.0], requires_grad=of_w)
    yhat = b + w * x
    error = yhat - y
    loss = (error**2).mean()

    print("x, y: ", x.requires_grad, y.requires_grad)
    print("b, w: ", b.requires_grad, w.requires_grad)
    print("yhat: ", yhat.requires_grad)
    print("error:", error.requires_grad)
    print("loss: ", loss.requires_grad)


def how_many(names: Names) -> str:
    tensors = ("x", "y", "b", "w", "yhat", "error", "loss")
    return str(sum(names[name].requires_grad for name in tensors))


def what_is_inherited(names: Names) -> str:
    if names["loss"].requires_grad:
        return "What is computed from a parameter requires a «gradient» too. `x` and `y` are «data»: they do not."
    return "Nothing requires a «gradient», so PyTorch records nothing: `loss.backward()` would be an error."


# --- who keeps a gradient ---------------------------------------------------------------------------------


def keeping(x, y, which):
    b = torch.tensor([0.0], requires_grad=True)
    yhat = b + 2 * x
    loss = ((yhat - y) ** 2).mean()
    loss.backward()

    tensor = which
    print("requires_grad:", tensor.requires_grad)
    print("leaf:         ", tensor.is_leaf)
    print("grad:         ", tensor.grad)


def kept(names: Names) -> str:
    leaf = names["tensor"].is_leaf  # to ask another for its .grad makes PyTorch warn
    return "a gradient" if leaf and names["tensor"].grad is not None else "None"


def why_kept(names: Names) -> str:
    tensor = names["tensor"]
    if tensor is names["loss"]:
        return "The way back begins here, with a «gradient» of 1. It is not kept, because this tensor is not a leaf."
    if not tensor.is_leaf:
        return (
            "The way back to `b` goes through this tensor, but only leaves keep their «gradient», "
            "unless `retain_grad()` asks for it."
        )
    if tensor.requires_grad:
        return "`b` is a leaf and has asked: the way back ends here, and what arrives is kept."
    return "No recorded operation made `x`: it is a leaf. But it does not require a «gradient», so none comes this way."


# --- adding up --------------------------------------------------------------------------------------------


def adding(x, y, times):
    b = torch.tensor([0.0], requires_grad=True)
    print(b.grad)

    for _ in range(times):
        error = b + 2 * x - y
        loss = (error**2).mean()
        loss.backward()
        print(b.grad)


TIMES = ("the same", "twice", "three times", "four times")


def how_often(names: Names) -> str:
    once = 2 * (names["b"] + 2 * names["x"] - names["y"]).mean()
    return TIMES[round((names["b"].grad / once).item()) - 1]


# --- in parts ---------------------------------------------------------------------------------------------


def in_parts(x, y, size, weight):
    b = torch.tensor([0.0], requires_grad=True)
    w = torch.tensor([0.0], requires_grad=True)
    parts = torch.arange(80).split(size)
    for part in parts:
        error = b + w * x[part] - y[part]
        loss = (error**2).mean()
        (weight * loss).backward()
        print(f"{len(part)} points: {b.grad.item():.4f}")

    error = b + w * x - y
    whole = 2 * error.mean()
    print(f"all at once: {whole.item():.4f}")


def length(names: Names) -> float:
    """The sum of the parts' gradients by b, in lengths of the whole batch's."""
    whole = 2 * (names["b"] + names["w"] * names["x"] - names["y"]).mean()
    return float(names["b"].grad.item() / whole.item())


def as_at_once(names: Names) -> str:
    return "yes" if abs(length(names) - 1) < 1e-6 else "no"


def what_weights_do(names: Names) -> str:
    if as_at_once(names) == "yes":
        most = len(names["parts"][0])
        return f"The sum is the whole batch's «gradient», and no `backward()` needed more than {most} points at once."
    if length(names) > 1.5:
        return (
            f"Without weights the sum is {length(names):.2f} times the whole batch's «gradient», "
            "and every step would be that many times as long."
        )
    sizes = " and ".join(dict.fromkeys(str(len(part)) for part in names["parts"]))
    return (
        f"Parts of {sizes} points must not count alike: the sum is off by {abs(length(names) - 1):.1%}. "
        "The right weight is each part's share of the points."
    )


# --- clearing ---------------------------------------------------------------------------------------------


def clearing(x, y, clear):
    b = torch.tensor([0.0], requires_grad=True)
    loss = ((b + 2 * x - y) ** 2).mean()
    loss.backward()
    grad = b.grad
    print("before:", grad)

    clear
    now = b.grad
    print("b.grad:", now)
    print("grad:  ", grad)


def what_grad_shows(names: Names) -> str:
    return "0" if names["grad"].item() == 0 else "the old number"


def what_was_cleared(names: Names) -> str:
    if not share(names["grad"], names["now"]):
        return (
            "`b.grad` is a new tensor in other memory. What was there before is as it was, and `grad` still holds it."
        )
    if names["now"].item() == 0:
        return "`zero_()` writes 0 into the memory, so every name for it shows 0. The next `backward()` adds to that."
    return "Nothing was cleared: the next `backward()` adds to the old number, and the step is along the sum of both."


CHAPTER = Chapter(
    name="autograd",
    title="Autograd",
    summary=(
        "Autograd is automatic differentiation: `backward()` finds the «gradient» of the «loss» with respect to «b» "
        "and «w», with no formula of ours."
    ),
    setup=SETUP,
    experiment=Experiment(method="autograd"),
    mistakes=("sub-batches", "zero-grad"),
    cells=(
        Cell(
            name="backward",
            title="backward() does the calculus",
            text="`backward()` goes from the «loss» back to `b` and `w` and leaves what it finds in their `.grad`.",
            formula=(
                r"\begin{aligned}"
                r"\frac{\partial «loss:L»}{\partial «b»} &= \sum_i \frac{\partial «loss:L»}{\partial \hat y_i} "
                r"\frac{\partial \hat y_i}{\partial «b»} = \frac{2}{n} \sum_i (\hat y_i - «data:y_i») \\[2pt]"
                r"\frac{\partial «loss:L»}{\partial «w»} &= \sum_i \frac{\partial «loss:L»}{\partial \hat y_i} "
                r"\frac{\partial \hat y_i}{\partial «w»} = \frac{2}{n} \sum_i (\hat y_i - «data:y_i»)\,«data:x_i»"
                r"\end{aligned}"
            ),
            code=by_hand_too,
            controls=(
                Control("b_start", "Start of b", (-1.0, 0.0, 0.5, 1.0, 2.0, 3.0), 0.5),
                Control("w_start", "Start of w", (0.0, 1.0, 2.0, 3.0, 4.0), 4.0),
            ),
            question=Question("Which way must `b` go to lower the loss?", ("up", "down"), way_down),
            conclusion=what_the_sign_says,
        ),
        Cell(
            name="asking",
            title="Who requires a gradient?",
            text="A forward pass with seven named tensors. You decide whether `b` and `w` require a «gradient».",
            code=asking,
            controls=(
                Control("of_b", "b: requires_grad", ("True", "False"), "True"),
                Control("of_w", "w: requires_grad", ("True", "False"), "True"),
            ),
            question=Question("How many of the seven require a gradient?", ("0", "2", "4", "5"), how_many),
            conclusion=what_is_inherited,
        ),
        Cell(
            name="leaves",
            title="Only leaves keep it",
            text="A **leaf** is a tensor that no recorded operation made. Who has a `.grad` after `backward()`?",
            code=keeping,
            controls=(Control("which", "Look at", ("x", "b", "yhat", "loss"), "yhat"),),
            question=Question("What is in its `.grad`?", ("a gradient", "None"), kept),
            conclusion=why_kept,
        ),
        Cell(
            name="accumulating",
            title="Gradients add up",
            text="The same forward pass and `backward()`, one to four times. Nothing is changed in between.",
            code=adding,
            controls=(Control("times", "How many times", (1, 2, 3, 4), 3),),
            question=Question("How large is `b.grad` at the end, compared with the first time?", TIMES, how_often),
            conclusion=(
                "`backward()` adds to `.grad` and never replaces what is there. "
                "Before the first call there is nothing: `None`."
            ),
        ),
        Cell(
            name="sub-batches",
            title="What adding up is good for",
            text=(
                "A batch that is too large for the memory can be taken in parts: `backward()` adds their gradients up. "
                "Each part's «loss» gets a weight."
            ),
            code=in_parts,
            controls=(
                Control("size", "Points in a part", (16, 20, 25, 30, 32, 40), 32),
                Control("weight", "Weight", ("1", "1 / len(parts)", "len(part) / 80"), "1 / len(parts)"),
            ),
            question=Question("Is the sum the whole batch's gradient?", ("yes", "no"), as_at_once),
            conclusion=what_weights_do,
        ),
        Cell(
            name="zero",
            title="zero_() clears in place",
            text=(
                "After a step the old «gradient» has to go. "
                "`grad` is a second name for the tensor in `b.grad`, given before clearing."
            ),
            code=clearing,
            controls=(
                Control("clear", "Clear", ("pass", "b.grad.zero_()", "b.grad = torch.zeros(1)"), "b.grad.zero_()"),
            ),
            question=Question("What does `grad` show afterwards?", ("the old number", "0"), what_grad_shows),
            conclusion=what_was_cleared,
            memory=("grad", "now"),
        ),
    ),
)
