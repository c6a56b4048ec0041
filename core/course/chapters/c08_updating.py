"""Updating: three ways to write the step, what `no_grad()` keeps out of the graph, and the whole loop."""

# mypy: allow-untyped-defs, no-check-untyped-defs
# ruff: noqa: B018  a control alone on a line stands for a statement

from __future__ import annotations

import torch

from core.course.cell import Cell, Control, Names, Question
from core.course.chapter import Chapter
from core.course.plot import Plot, Series
from core.course.runs import landscape_of, path, run_of
from core.experiment import Experiment
from core.takeaway.program import make_program

__all__ = ["CHAPTER"]

SETUP = f"""\
{make_program(Experiment()).data}

x = torch.tensor(x_train).float()
y = torch.tensor(y_train).float()
lr = 0.1"""


# --- three attempts ---------------------------------------------------------------------------------------


def attempting(x, y, update):
    b = torch.tensor([0.0], requires_grad=True)
    for _ in range(5):
        loss = ((b + 2 * x - y) ** 2).mean()
        loss.backward()
        update
        print(b)
        b.grad.zero_()


ATTEMPTS = {
    "": "it trains",
    "AttributeError": "zero_() fails",
    "RuntimeError": "the update fails",
}


def what_happened(names: Names) -> str:
    return ATTEMPTS[names["failed"]]


WHY = {
    "it trains": "`b` is changed in place, unrecorded. It stays a leaf, and `zero_()` finds its «gradient».",
    "zero_() fails": (
        "The new `b` is the result of a subtraction, as its `grad_fn` says, and no leaf. "
        "It has no «gradient» that could be cleared."
    ),
    "the update fails": (
        "In place is right, but PyTorch would record it, and then `b` would be no leaf any more. It refuses."
    ),
}


def why_it_happened(names: Names) -> str:
    return WHY[what_happened(names)]


# --- no_grad ----------------------------------------------------------------------------------------------


def unrecorded(lr, which):
    b = torch.tensor([1.0], requires_grad=True)
    loss = (b - 6) ** 2
    loss.backward()

    outside = b - lr * b.grad
    with torch.no_grad():
        inside = b - lr * b.grad
        b -= lr * b.grad
    print(outside.item(), inside.item(), b.item())

    tensor = which
    print(tensor)
    print("requires_grad:", tensor.requires_grad)
    print("has a grad_fn:", tensor.grad_fn is not None)


def requires(names: Names) -> str:
    return "yes" if names["tensor"].requires_grad else "no"


def what_was_recorded(names: Names) -> str:
    tensor = names["tensor"]
    if tensor.grad_fn is not None:
        return "Recorded: `grad_fn` names the operation, and the graph of the next «loss» would contain this update."
    if tensor.requires_grad:
        return "Changed in place, `b` is the same leaf as before, ready for the next epoch."
    return "The same number, but with no record of how it was computed: that is what `no_grad()` leaves out."


# --- the dynamic graph ------------------------------------------------------------------------------------


def deciding(x, y, start, limit):
    b = torch.tensor([start], requires_grad=True)
    made = []
    for _ in range(6):
        loss = ((b + 2 * x - y) ** 2).mean()
        if loss > limit:
            loss = loss.sqrt()
        made.append(loss.grad_fn.name())
        print(f"{loss.item():.4f}", made[-1])

        loss.backward()
        with torch.no_grad():
            b -= 0.5 * b.grad
        b.grad.zero_()


def always_the_same(names: Names) -> str:
    return "yes" if len(set(names["made"])) == 1 else "no"


# --- without zero_() --------------------------------------------------------------------------------------


def clearing(x, y, lr, clear, epochs):
    b = torch.tensor([0.0], requires_grad=True)
    path = []
    for _ in range(epochs):
        path.append(b.item())
        loss = ((b + 2 * x - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
        clear
    print(f"epoch {len(path)}: b = {b.item():.4f}")


def at_rest(names: Names) -> str:
    late = names["path"][-10:]
    return "yes" if max(late) - min(late) < 0.02 else "no"


def path_of_b(names: Names) -> Plot:
    path = names["path"]
    best = (names["y"] - 2 * names["x"]).mean().item()
    epochs = range(len(path))
    return Plot(
        "b by epoch",
        "epoch",
        "b",
        (
            Series("minimum", "minimum", (0, len(path) - 1), (best, best)),
            Series("b", "b", epochs, path, "path"),
        ),
    )


def why_at_rest(names: Names) -> str:
    if at_rest(names) == "yes":
        return (
            "Every step is along the «gradient» of its own epoch. Near the minimum that is small, and so is the step."
        )
    return (
        "Every step is along the sum of all gradients so far. `b` gathers speed, shoots past the minimum, "
        "and never comes to rest."
    )


# --- the whole loop ---------------------------------------------------------------------------------------


def found(names: Names) -> str:
    if names["final_loss"] > (names["y_train"] ** 2).mean():
        return "it diverges"
    misses = abs(names["final_b"] - names["intercept"]), abs(names["final_w"] - names["slope"])
    return "yes" if max(misses) < 0.01 else "not yet"


def loss_by_epoch(names: Names) -> Plot:
    records = run_of(names, method="autograd")
    series = Series("loss", "loss", [one.epoch for one in records], [one.loss for one in records])
    return Plot("Loss by epoch", "epoch", "loss", (series,), logarithmic=True)


def beside_scikit_learn(names: Names) -> str:
    if found(names) == "it diverges":
        limit = landscape_of(names).max_learning_rate
        return (
            f"Above a learning rate of {limit:.4g}, training on these «data» gets farther and farther from the minimum."
        )
    line = f"«b» = {names['final_b']:.4f}, «w» = {names['final_w']:.4f}; "
    line += f"scikit-learn says {names['intercept']:.4f} and {names['slope']:.4f}."
    if found(names) == "yes":
        return line
    return f"{line} The «loss» has fallen to {names['final_loss']:.2g}, but the line is still on its way."


# --- beside the method by hand ----------------------------------------------------------------------------


def difference(names: Names) -> float:
    """How far the methods by hand and with autograd end from one another, in b or in w, whichever is more."""
    one, other = run_of(names, method="numpy")[-1], run_of(names, method="autograd")[-1]
    return max(abs(one.b - other.b), abs(one.w - other.w))


def agree(names: Names) -> str:
    apart = difference(names)
    return "to every digit" if apart == 0 else "to about 6 digits" if apart < 1e-5 else "not yet"


def how_well_they_agree(names: Names) -> str:
    hand, grad = run_of(names, method="numpy")[-1], run_of(names, method="autograd")[-1]
    ends = f"By hand «b» = {hand.b:.6f} and «w» = {hand.w:.6f}, with autograd «b» = {grad.b:.6f} and «w» = {grad.w:.6f}"
    if agree(names) == "not yet":
        return f"{ends}. The two started at different random numbers, and both are still on their way."
    return f"{ends}. In `float32` the last steps are too short to change a number, so the last digits differ."


def both_paths(names: Names) -> Plot:
    series = []
    for label, method, role in (("by hand", "numpy", "data"), ("autograd", "autograd", "line")):
        series.append(path(run_of(names, method=method), label, role))
    return Plot("The way of both methods", "b", "w", tuple(series), landscape=landscape_of(names))


CHAPTER = Chapter(
    name="updating",
    title="Updating parameters",
    summary="A step against the «gradient» takes one line of arithmetic. PyTorch must be told not to watch.",
    setup=SETUP,
    experiment=Experiment(method="autograd"),
    mistakes=("update", "backward", "zero-grad"),
    cells=(
        Cell(
            name="attempts",
            title="Three attempts at one step",
            text=(
                "The step of the method by hand, with `lr` for the learning rate η, written for PyTorch in three ways. "
                "The loop should run for five epochs."
            ),
            formula=r"«b» \;\leftarrow\; «b» - \eta\,\frac{\partial «loss:L»}{\partial «b»}",
            code=attempting,
            controls=(
                Control(
                    "update",
                    "Update",
                    ("b = b - lr * b.grad", "b -= lr * b.grad", "with torch.no_grad(): b -= lr * b.grad"),
                    "b = b - lr * b.grad",
                ),
            ),
            question=Question("What will happen?", tuple(ATTEMPTS.values()), what_happened),
            conclusion=why_it_happened,
            raises=True,
        ),
        Cell(
            name="no-grad",
            title="What no_grad() leaves out",
            text=(
                "One step is computed three times: outside `no_grad()`, inside, and inside in place. "
                "The number is the same each time."
            ),
            code=unrecorded,
            controls=(Control("which", "Look at", ("outside", "inside", "b"), "inside"),),
            question=Question("Does it require a gradient?", ("yes", "no"), requires),
            conclusion=what_was_recorded,
        ),
        Cell(
            name="dynamic",
            title="A new graph every time",
            text=(
                "In each epoch Python decides: a «loss» above the limit gets a square root, a smaller one does not. "
                "The last operation is printed."
            ),
            code=deciding,
            controls=(
                Control("start", "Start of b", (-2.0, -1.0, 0.0, 0.5, 2.0, 3.0), -1.0),
                Control("limit", "Limit", (0.0, 1.0, 20.0), 1.0),
            ),
            question=Question("Is the last operation the same in all six epochs?", ("yes", "no"), always_the_same),
            conclusion=(
                "Each forward pass builds its graph anew, of the operations that really ran, and `backward()` "
                "uses it up. The graph contains the square root or not; of the `if` it knows nothing."
            ),
        ),
        Cell(
            name="without-zero",
            title="Without zero_()",
            text="The step is right. Only what comes after it is in question: `pass` does nothing.",
            code=clearing,
            controls=(
                Control("clear", "After the step", ("pass", "b.grad.zero_()"), "pass"),
                Control("epochs", "Epochs", (30, 60, 120), 60),
            ),
            question=Question("Does `b` come to rest?", ("yes", "no"), at_rest),
            conclusion=why_at_rest,
            plot=path_of_b,
        ),
        Cell(
            name="loop",
            title="The whole loop",
            text=(
                "Forward, loss, backward, update: the four steps, epoch after epoch. "
                "At the end scikit-learn says which line is the best."
            ),
            code=Experiment(method="autograd", epochs=100),
            controls=(
                Control("learning_rate", "Learning rate", (0.01, 0.05, 0.1, 0.4, 0.7, 0.9), 0.1),
                Control("epochs", "Epochs", (10, 100, 300, 1000), 100),
            ),
            question=Question("Is it within 0.01 of scikit-learn's line?", ("yes", "not yet", "it diverges"), found),
            conclusion=beside_scikit_learn,
            plot=loss_by_epoch,
        ),
        Cell(
            name="by-hand-too",
            title="Beside the method by hand",
            text=(
                "NumPy computes in `float64` with our own formulas, PyTorch in `float32` with autograd. "
                "From the same seed they draw different starts."
            ),
            code=Experiment(method="autograd"),
            controls=(
                Control("epochs", "Epochs", (10, 100, 500, 1000), 1000),
                Control("method", "Show the program of", ("numpy", "autograd"), "autograd"),
            ),
            question=Question(
                "Do the two methods end at the same line?", ("not yet", "to about 6 digits", "to every digit"), agree
            ),
            conclusion=how_well_they_agree,
            plot=both_paths,
        ),
    ),
)
