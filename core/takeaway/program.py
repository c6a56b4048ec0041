"""An experiment as a plain program, the way a student writes it, that needs nothing of this project to run.

It ends at the very numbers of the engine, because it is made of the engine's own code: the recipe of the data, the
start, the four steps, the order of the batches and the loss over all points are read from their source and written
out for plain names. Only the loop around them is written here; in the engine it is spread over records, pauses and
reasons to stop.
"""

from __future__ import annotations

import ast
import base64
import textwrap
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from itertools import chain

from core.data import Column, Dataset, make_dataset
from core.data.moved import put
from core.data.scaling import in_words
from core.data.shapes import DRAWN
from core.data.split import shuffled, split, training_points
from core.experiment import Experiment
from core.geometry.landscape import Landscape
from core.geometry.reference import fit_line
from core.parameters import shorten
from core.source import parse
from core.takeaway.plain import Plain, returned_by
from core.takeaway.steps import (
    plain_batch,
    plain_classes,
    plain_placing,
    plain_scaling,
    plain_schedule,
    plain_start,
    plain_steps,
)
from core.training.loop import SENSIBLE_GROWTH, batch_order

__all__ = ["DRAWN_FROM", "Program", "make_program"]

DRAWN_FROM = ("n", "noise", "true_b", "true_w", "seed", "validation")
"""The settings from which the points are drawn: they stand in the program's `data`."""

MOST_WRITTEN_OUT = 2000
"""Points of a table up to which they are written as readable numbers."""

IMPORTS = {
    "base64": "import base64",
    "zlib": "import zlib\n",  # the last of the standard library
    "np": "import numpy as np",
    "torch": "import torch",
    "LinearRegression": "from sklearn.linear_model import LinearRegression",
    "nn": "from torch import nn",
}
"""By the name that it brings, in the order in which imports are sorted."""

X_VARIES = {"(x == x[0]).all()": "False", "x_variance > 0": "True"}
"""What `Landscape.of` asks about the points, and the answers for any but those that all have one x."""

GROWTH = f"{SENSIBLE_GROWTH:_}".removesuffix(".0")

WIDTH = 116
"""Columns that rows of data may fill."""


@dataclass(frozen=True)
class Program:
    """A program in parts that run in this order in one namespace: blocks of code, without a newline at the end.

    They leave the numbers of the last record in `final_epoch`, `final_b`, `final_w` and `final_loss`; `b` and `w`
    are still the arrays or tensors that were trained.
    """

    imports: str
    data: str
    start: str
    loop: str
    result: str
    about: str
    """In one sentence, what is computed. It holds nothing that a user wrote."""

    @property
    def text(self) -> str:
        """The whole program, as the contents of a file."""
        needed = "torch, numpy and scikit-learn" if "import torch" in self.imports else "numpy and scikit-learn"
        docstring = (
            textwrap.fill(f'"""{self.about}', 120) + f'\n\nRun it with `python program.py`. It needs {needed}.\n"""'
        )
        parts = {"data": self.data, "start": self.start, "loop": self.loop, "result": self.result}
        headed = "\n\n\n".join(f"# The {name}\n\n{part}" for name, part in parts.items())
        return f"{docstring}\n\n{self.imports}\n\n{headed}\n"


def make_program(experiment: Experiment, dataset: Dataset | None = None) -> Program:
    """The program that ends at the last record of `train(experiment, dataset)`: b, w and loss to the last bit.

    The last bits of a sum depend on how many threads torch adds on: in the program it is one, as in a `Worker`.

    Args:
        dataset: points to write into the program; if left out, it draws those that the experiment describes.
    """
    writer = _Writer(experiment, dataset)
    start, loop, result = writer.start(), writer.loop(), writer.result()
    packed = {"base64", "zlib"} if dataset is not None and len(dataset) > MOST_WRITTEN_OUT else set()
    used = packed | {node.id for node in ast.walk(parse(f"{start}\n{loop}\n{result}")) if isinstance(node, ast.Name)}
    return Program(
        imports="\n".join(line for name, line in IMPORTS.items() if name in used),
        data=writer.data(),
        start=start,
        loop=loop,
        result=result,
        about=writer.about(),
    )


class _Writer:
    """Writes the parts of one program."""

    def __init__(self, experiment: Experiment, dataset: Dataset | None) -> None:
        self.experiment = experiment
        self.dataset = dataset
        self.by_hand = experiment.method == "numpy"
        # Without batches it does not matter how many points there are, which spares drawing them.
        points = make_dataset(experiment) if dataset is None and experiment.batch_size is not None else dataset
        self.full_batch = points is None or experiment.is_full_batch(len(points.x_train))
        # Whether there is anything to validate on.
        self.validated = (
            len(dataset.x_val) > 0 if dataset else training_points(experiment.n, experiment.validation) < experiment.n
        )

    def about(self) -> str:
        experiment, dataset = self.experiment, self.dataset
        points = f"{experiment.n} noisy points" if dataset is None else f"the {len(dataset)} points of a table"
        size = "" if self.full_batch else f", batches of {experiment.batch_size}"
        epochs = "1 epoch" if experiment.epochs == 1 else f"{experiment.epochs} epochs"
        scaled = in_words(self.standardized)
        return (
            f"Learn a line from {points}: method {experiment.method}, optimizer {experiment.optimizer}, "
            f"learning rate {experiment.learning_rate!r}, {epochs}{size}{scaled and f', {scaled}'}."
        )

    def data(self) -> str:
        if self.dataset is not None:
            return _block([_points(self.dataset.unscaled or self.dataset)], self._scaling())
        # With points that are added there are more than were drawn.
        points = "len(x)" if self.experiment.moved else "n"
        training = self._plain({"points": points}).returned(training_points)
        plain = self._plain({"points": points, "training_points(len(x), validation)": training})
        random, *_ = plain.lines(make_dataset)
        drawing = plain.lines(DRAWN[self.experiment.shape])
        moving = plain.lines(put) if self.experiment.moved else []
        recipe = [random, *drawing, *moving, *plain.lines(shuffled), *plain.lines(split)]
        recipe.append(f"x_train, y_train, x_val, y_val = {plain.returned(split)}")
        settings = self._settings(*DRAWN_FROM, *(["moved"] if moving else []))
        return _block(settings, recipe, self._scaling())

    def _scaling(self) -> list[str]:
        lines = plain_scaling(self.standardized)
        return ["# standardised, by mean and deviation of the training points", *lines] if lines else []

    @property
    def standardized(self) -> str:
        """Which columns are: of points that are given, what was done to them."""
        return self.experiment.standardize if self.dataset is None else self.dataset.standardized

    def start(self) -> str:
        experiment = self.experiment
        settings = [f"lr = {experiment.learning_rate!r}", *self._settings("epochs")]
        if experiment.schedule:
            settings.append(f"schedule = {dict(experiment.schedule)!r}")
        if not self.full_batch:
            settings += self._settings("batch_size")
        if experiment.tolerance is not None:
            settings += self._settings("tolerance")
        if self.dataset is not None:
            settings += self._settings("seed")
        if experiment.device != "cpu":
            settings += self._settings("device")
        settings += self._settings(*(name for name in ("start_b", "start_w") if getattr(experiment, name) is not None))
        # One thread adds up in one order, so the last bits are the same every time.
        threads = [] if self.by_hand else ["torch.set_num_threads(1)  # sums in one order"]
        blocks = [settings, [*threads, *chain(*plain_start(experiment))]]
        placing = plain_placing(experiment)
        if placing:
            blocks.append(["# where it starts", *placing])
        if not self.full_batch:
            blocks.append(self._loss_over())
        return _block(*([*lines, ""] for lines in plain_classes(experiment)), *blocks)

    def loop(self) -> str:
        steps = plain_steps(self.experiment, full_batch=self.full_batch)
        for number, (step, lines) in enumerate(steps.items(), start=1):
            lines.insert(0, f"# {number} {step}")
        changing = plain_schedule(self.experiment)
        if changing:
            changing.insert(0, "# from here on another learning rate")
        scale = " * len(y_train)" if self.experiment.reduction == "sum" else ""
        limit = f"# a loss above this has diverged\nlimit = {GROWTH}{scale} * (y_train ** 2).mean()"
        if self.full_batch:
            # What looks at the loss stands before `backward`: a loop that is run again finds no gradient left over.
            stops = [*self._record("loss.item()"), *steps["backward"], *self._converged()]
            body = [*steps["forward"], *steps["loss"], *stops, *changing, *steps["update"]]
        else:
            order = self._plain({"epoch": "epoch + 1", "points": "len(x_train)"}).returned(batch_order)
            body = [
                *self._record("full_loss"),
                *self._converged(),
                *changing,
                f"order = {order}",
                "for start in range(0, len(x_train), batch_size):",
                *_indented([*plain_batch(self.experiment), *chain(*steps.values())]),
            ]
        return "\n".join([limit, "for epoch in range(epochs + 1):", *_indented(body)])

    def result(self) -> str:
        plain = self._plain()
        scaled = self._in_units_of_the_data() if "x" in self.standardized or "y" in self.standardized else []
        return _block(
            [
                "final_epoch, final_b, final_w, final_loss = record",
                *(f'print("{name} =", final_{name})' for name in ("epoch", "b", "w", "loss")),
            ],
            [
                "# The same line from scikit-learn, without any descent",
                *plain.lines(fit_line),
                f"intercept, slope = {plain.returned(fit_line)}",
                'print("intercept =", intercept)',
                'print("slope =", slope)',
            ],
            scaled,
        )

    def _in_units_of_the_data(self) -> list[str]:
        plain = self._plain({"b": "final_b", "w": "final_w"})
        kept = [f"{name}_mean, {name}_std = 0.0, 1.0" for name in "xy" if name not in self.standardized]
        return [
            "# The line in the units of the data",
            *kept,
            *plain.lines(Dataset.original),
            'print("b in units of the data =", original_b)',
            'print("w in units of the data =", original_w)',
        ]

    def _record(self, loss: str) -> list[str]:
        """Keeps the numbers of this epoch, and ends the loop with the last one or where the run has diverged."""
        lines, finite = ["# how it stands after this many epochs"], f"np.isfinite({loss})"
        if not self.full_batch:
            found, first = (loss, "") if self.experiment.tolerance is None else (f"{loss}, b_grad, w_grad", "[0]")
            lines.append(f"{found} = loss_over(x_train, y_train, b.item(), w.item())")
            if self.by_hand and self.validated:
                # b and w of float64 can go so far that one of the losses is no number any more and the other is.
                lines.append(f"val_loss = loss_over(x_val, y_val, b.item(), w.item()){first}")
                finite = f"np.isfinite([{loss}, val_loss]).all()"
        return [
            *lines,
            f"if {finite}:",
            f"    record = (epoch, b.item(), w.item(), {loss})",
            "if epoch == 0:",
            f"    limit = max(limit, {GROWTH} * {loss})",
            f"if epoch == epochs or not {loss} <= limit:",
            "    break  # all are trained, or it has diverged",
        ]

    def _converged(self) -> list[str]:
        """Ends the loop where both gradients are small, if the experiment asks for that."""
        if self.experiment.tolerance is None:
            return []
        autograd = self.full_batch and not self.by_hand
        b_grad, w_grad = ("b.grad.item()", "w.grad.item()") if autograd else ("b_grad", "w_grad")
        return [
            f"if abs({b_grad}) <= tolerance and abs({w_grad}) <= tolerance:",
            "    break  # the run has converged",
        ]

    def _loss_over(self) -> list[str]:
        """The loss over any points by `Landscape`, of which it is the methods joined."""
        made = returned_by(Landscape.of)
        assert isinstance(made, ast.Call)
        numbers = {
            f"self.{field.name}": ast.unparse(given) for field, given in zip(fields(Landscape), made.args, strict=True)
        }
        scale = {"self.scale": "len(x)" if self.experiment.reduction == "sum" else "1"}
        known = X_VARIES if self._x_varies() else {}
        plain = self._plain(numbers | scale | known)
        lines = [*plain.lines(Landscape.of), *plain.lines(Landscape.loss)]
        loss = plain.returned(Landscape.loss)
        if self.experiment.tolerance is not None:
            lines += [f"loss = {loss}", *plain.lines(Landscape.gradient)]
            loss = f"loss, {plain.returned(Landscape.gradient)}"
        return [
            "",
            "# The loss over all points, in float64: a bowl in b and w,",
            "# which a few numbers describe",
            "def loss_over(x, y, b, w):",
            *_indented([*dict.fromkeys(lines), f"return {loss}"]),
        ]

    def _x_varies(self) -> bool:
        """Whether that is so in all points whose loss the program computes in float64."""
        dataset = self.dataset
        if dataset is None:
            return True  # of random numbers, the odds against two that are equal are 2⁵³ to one
        pairs = [(dataset.x_train, dataset.y_train)]
        if self.by_hand and self.validated:
            pairs.append((dataset.x_val, dataset.y_val))
        return all(Landscape.of(x, y).x_variance > 0 for x, y in pairs)

    def _settings(self, *names: str) -> list[str]:
        return [f"{name} = {getattr(self.experiment, name)!r}".replace("'", '"') for name in names]

    def _plain(self, instead: Mapping[str, str] | None = None) -> Plain:
        return Plain(self.experiment, instead or {})


def _points(dataset: Dataset) -> str:
    """The points, to the last bit."""
    training, validation = len(dataset.x_train), len(dataset.x_val)
    # A name is the user's text: its repr has no line breaks, and in a comment nothing else matters.
    comment = (
        f"# {training} points to train on and {validation} to validate: "
        f"x is {shorten(dataset.x_name)}, y is {shorten(dataset.y_name)}"
    )
    if len(dataset) <= MOST_WRITTEN_OUT:
        names = ("x_train", "y_train", "x_val", "y_val")
        return "\n".join([comment, *(f"{name} = {_column(getattr(dataset, name))}" for name in names)])
    columns = (dataset.x_train, dataset.x_val, dataset.y_train, dataset.y_val)
    packed = base64.b64encode(zlib.compress(b"".join(column.astype("<f8").tobytes() for column in columns))).decode()
    rows = [packed[start : start + WIDTH] for start in range(0, len(packed), WIDTH)]
    return "\n".join(
        [
            comment,
            'packed = """',
            *rows,
            '"""',
            'points = np.frombuffer(zlib.decompress(base64.b64decode(packed)), dtype="<f8")',
            "x, y = points.astype(float).reshape(2, -1, 1)",
            f"x_train, x_val = np.split(x, [{training}])",
            f"y_train, y_val = np.split(y, [{training}])",
        ]
    )


def _column(column: Column) -> str:
    numbers = ", ".join(map(repr, column.ravel().tolist()))
    rows = textwrap.wrap(numbers, WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(["np.array([", *_indented(rows), "]).reshape(-1, 1)"])


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _block(*blocks: list[str]) -> str:
    """Code in blocks, with a blank line between any two; those that are empty are left out."""
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)
