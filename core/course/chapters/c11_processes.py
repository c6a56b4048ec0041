"""Many processes: each has a share of the points, and all-reduce makes one gradient of theirs.

Two processes really run for every cell, when a reader asks for its outcome.
"""

# mypy: allow-untyped-defs, no-check-untyped-defs
# ruff: noqa: B018, F841  a control alone on a line stands for a statement; a cell's variables are read afterwards

from __future__ import annotations

import torch
import torch.distributed as dist

from core.course.cell import Cell, Control, Names, Question
from core.course.chapter import Chapter
from core.course.two_processes import TWO_PROCESSES, in_two_processes
from core.data import make_dataset
from core.experiment import Experiment
from core.geometry.landscape import Landscape
from core.takeaway.program import make_program

__all__ = ["CHAPTER"]

SETUP = f"""\
import torch.distributed as dist

{make_program(Experiment()).data}
points = torch.as_tensor(np.hstack([x_train, y_train])).float()

{TWO_PROCESSES}"""

FOUR_DIGITS = 1e-4
"""For numbers about 1, a difference below it leaves the first four digits alone, but for rounding."""

EPOCHS = 200
"""Those of the loops below."""


def landscape() -> Landscape:
    """The loss of all training points."""
    dataset = make_dataset(Experiment())
    return Landscape.of(dataset.x_train, dataset.y_train)


# --- all-reduce -------------------------------------------------------------------------------------------


def reducing(together):
    def work(rank):
        t = torch.tensor([1.0, 10.0]) * (rank + 1)
        print("before:", t)
        together
        print("after: ", t)
        return t.tolist()

    held = in_two_processes(work)


def what_both_hold(names: Names) -> str:
    first, other = names["held"]
    return " and ".join(f"{value:g}" for value in first) if first == other else "different numbers"


def about_reducing(names: Names) -> str:
    return {
        "3 and 30": "All-reduce adds up element by element, and leaves the sum in both: "
        "no process is the one that knows, and none needs the other's numbers besides.",
        "2 and 20": "All-reduce can also leave the largest, element by element. Afterwards both hold the same.",
        "1 and 10": "A broadcast copies what one process has to all others: here from process 0, which keeps its own.",
    }[what_both_hold(names)]


# --- one gradient -----------------------------------------------------------------------------------------


def sharing(shares, points):
    def work(rank, points):
        y = shares[rank][:, 1]
        b = torch.zeros(1, requires_grad=True)
        loss = ((b - y) ** 2).mean()
        loss.backward()
        print(f"of {len(y)} points: {b.grad.item():.4f}")
        dist.all_reduce(b.grad)
        mean = b.grad.item() / 2
        print(f"mean of both: {mean:.4f}")
        return mean

    means = in_two_processes(work, points)
    whole = -2 * points[:, 1].mean().item()
    print(f"of all {len(points)} points: {whole:.4f}")


def is_the_whole(names: Names) -> str:
    return "yes" if abs(names["means"][0] - names["whole"]) < FOUR_DIGITS else "no"


def about_sharing(names: Names) -> str:
    if is_the_whole(names) == "yes":
        return (
            "Both shares have as many points, so the mean of their means is the mean of all: "
            "the «gradient» is the one that a single process would have."
        )
    return (
        "Both means count the same, but one is of 60 points and the other of 20. With shares of different size "
        "add up sums and counts, and divide at the end."
    )


# --- the loop ---------------------------------------------------------------------------------------------


def looping(line, points):
    def work(rank, points):
        x, y = points.chunk(2)[rank].T
        b = torch.zeros(1, requires_grad=True)
        w = torch.zeros(1, requires_grad=True)
        for _ in range(200):
            loss = ((b + w * x - y) ** 2).mean()
            loss.backward()
            with torch.no_grad():
                for p in (b, w):
                    line
                    p -= 0.5 * p.grad
                    p.grad.zero_()
        print(f"b {b.item():.4f}, w {w.item():.4f}")
        return b.item(), w.item()

    ends = in_two_processes(work, points)


def where_they_end(names: Names) -> str:
    (first_b, first_w), (other_b, other_w) = names["ends"]
    same = (first_b, first_w) == (other_b, other_w)
    return "at one line" if same else "each at its own"


def about_looping(names: Names) -> str:
    valley = landscape()
    best = f"The best line for all 80 points has «b» = {valley.b_min:.4f} and «w» = {valley.w_min:.4f}"
    if where_they_end(names) == "at one line":
        return (
            f"{best}: that is where both are. They began at the same numbers and took the same steps, "
            "though each has seen its own 40 points alone."
        )
    return f"{best}. Without the line nobody tells the other anything: each finds the best line for its own 40 points."


# --- the mean that is forgotten ---------------------------------------------------------------------------


def averaging(each, lr, points):
    def work(rank, points):
        x, y = points.chunk(2)[rank].T
        b = torch.zeros(1, requires_grad=True)
        w = torch.zeros(1, requires_grad=True)
        for _ in range(200):
            loss = ((b + w * x - y) ** 2).mean()
            loss.backward()
            with torch.no_grad():
                for p in (b, w):
                    dist.all_reduce(each)
                    p -= lr * p.grad
                    p.grad.zero_()
        print(f"b {b.item():.4g}, w {w.item():.4g}")
        return b.item(), w.item()

    ends = in_two_processes(work, points)


def what_becomes(names: Names) -> str:
    (b, w), _ = names["ends"]
    valley = landscape()
    return "it arrives" if abs(b - valley.b_min) + abs(w - valley.w_min) < 0.1 else "it diverges"


def about_averaging(names: Names) -> str:
    limit = f"These points bear a learning rate up to {landscape().max_learning_rate:.3g}."
    if what_becomes(names) == "it diverges":
        return (
            "Nobody divided by two: the sum of two means is twice the mean, and every step is twice as long, as with "
            f"twice the learning rate. {limit}"
        )
    return (
        f"{limit} Divided, the steps are those of one process. Not divided, they are those of twice the learning rate: "
        "as long as that is below the limit nothing looks wrong. With ten processes it would be ten times."
    )


# --- another seed -----------------------------------------------------------------------------------------


def seeding(seed, points):
    def work(rank, points):
        x, y = points.chunk(2)[rank].T
        torch.manual_seed(seed)
        b = torch.randn(1, requires_grad=True)
        w = torch.randn(1, requires_grad=True)
        for _ in range(200):
            ((b + w * x - y) ** 2).mean().backward()
            with torch.no_grad():
                for p in (b, w):
                    dist.all_reduce(p.grad.div_(2))
                    p -= 0.5 * p.grad
                    p.grad.zero_()
        print(f"b {b.item():.4f}, w {w.item():.4f}")
        return b.item(), w.item()

    ends = in_two_processes(work, points)


def how_far_apart(names: Names) -> str:
    (b, _), (other, _) = names["ends"]
    apart = abs(b - other)
    if not apart:
        return "not at all"
    first, second = (torch.randn(1, generator=torch.Generator().manual_seed(rank)).item() for rank in range(2))
    return "as far as at first" if abs(apart - abs(first - second)) < FOUR_DIGITS else "less than at first"


def about_seeding(names: Names) -> str:
    (b, w), (other_b, other_w) = names["ends"]
    if (b, w) == (other_b, other_w):
        return (
            "One start, and the same steps from there: one model in two processes. Without a common seed a broadcast "
            "of «b» and «w» from process 0 does it: that is how `DistributedDataParallel` begins."
        )
    return (
        f"Both take the same steps, so that they stay as far apart as they began, {abs(b - other_b):.4f} in «b», "
        "however long they train. Neither is at the best line, and no error says so. One seed for all is a cure, or a "
        "broadcast at the start."
    )


CHAPTER = Chapter(
    name="processes",
    title="Many processes",
    summary=(
        "Points that are too many for one machine are shared out: every process has the model and a part of the "
        "points. Two real processes run each of these cells; what they print has their number before it."
    ),
    setup=SETUP,
    cells=(
        Cell(
            name="all-reduce",
            title="What all-reduce does",
            text=(
                "`in_two_processes` starts `work` in two processes, with 0 and 1 as their `rank`. "
                "Each has its own `t`, in its own memory; one line lets them meet."
            ),
            code=reducing,
            controls=(
                Control(
                    "together",
                    "The line",
                    ("dist.all_reduce(t)", "dist.all_reduce(t, dist.ReduceOp.MAX)", "dist.broadcast(t, 0)"),
                    "dist.all_reduce(t)",
                ),
            ),
            question=Question(
                "Process 0 has 1 and 10, process 1 has 2 and 20. What do both have afterwards?",
                ("1 and 10", "2 and 20", "3 and 30", "different numbers"),
                what_both_hold,
            ),
            conclusion=about_reducing,
            apart=True,
        ),
        Cell(
            name="shares",
            title="Of two shares one gradient",
            text=(
                "Each process has a share of the 80 training points and finds its own «gradient». All-reduce adds them "
                "up, and half of that is their mean."
            ),
            formula=(
                r"«gradient:\frac{\partial L}{\partial b}» = \frac{1}{2}\,«gradient:\frac{\partial L_0}{\partial b}» + "
                r"\frac{1}{2}\,«gradient:\frac{\partial L_1}{\partial b}»"
            ),
            code=sharing,
            controls=(Control("shares", "Shares", ("points.chunk(2)", "points.split([60, 20])"), "points.chunk(2)"),),
            question=Question("Is it the gradient of all points?", ("yes", "no"), is_the_whole),
            conclusion=about_sharing,
            apart=True,
        ),
        Cell(
            name="loop",
            title="The four steps with one line more",
            text=(
                "The same four steps as ever, in two processes at once. The line between `backward()` and the update "
                "halves the «gradient» and adds the other half of it, which is the other's."
            ),
            code=looping,
            controls=(
                Control(
                    "line", "The line", ("dist.all_reduce(p.grad.div_(2))", "pass"), "dist.all_reduce(p.grad.div_(2))"
                ),
            ),
            question=Question("Where do the two end?", ("at one line", "each at its own"), where_they_end),
            conclusion=about_looping,
            apart=True,
        ),
        Cell(
            name="averaging",
            title="Forgotten: the mean",
            text="All-reduce adds up. Whoever does not divide by the number of processes has the sum of their means.",
            code=averaging,
            controls=(
                Control("each", "All-reduce of", ("p.grad", "p.grad.div_(2)"), "p.grad"),
                Control("lr", "Learning rate", (0.3, 0.5), 0.5),
            ),
            question=Question("What becomes of the run?", ("it arrives", "it diverges"), what_becomes),
            conclusion=about_averaging,
            apart=True,
        ),
        Cell(
            name="seeds",
            title="Another seed for each",
            text=(
                "Every process draws its own «b» and «w». "
                "In every epoch the gradients are shared, but never what they are subtracted from."
            ),
            code=seeding,
            controls=(Control("seed", "Seed", ("42", "rank"), "rank"),),
            question=Question(
                "How far apart are the two b in the end?",
                ("not at all", "less than at first", "as far as at first"),
                how_far_apart,
            ),
            conclusion=about_seeding,
            apart=True,
        ),
    ),
)
