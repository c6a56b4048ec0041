"""What chapters tell of the experiment behind a cell: its records and its loss."""

from __future__ import annotations

import numpy as np
import pytest

from core import Experiment, make_dataset, train
from core.course import Cell, Chapter, Control, run_cell
from core.course.cell import Names
from core.course.runs import landscape_of, path, run_of
from core.takeaway.program import make_program

EXPERIMENTS = [
    Experiment(method="numpy", epochs=3, seed=7),
    Experiment(method="autograd", epochs=3, learning_rate=0.2),
    Experiment(method="optimizer", epochs=3, optimizer="momentum", n=50, noise=0.3),
    Experiment(method="optimizer", epochs=3, batch_size=16),
    Experiment(method="loss_fn", epochs=3, reduction="sum", learning_rate=0.001),
    Experiment(method="loss_fn", epochs=3, optimizer="rmsprop"),
    Experiment(method="module", epochs=3, optimizer="adam", true_b=-1.0, true_w=3.5),
]


def left_by(experiment: Experiment) -> Names:
    """The variables of a cell that runs the experiment."""
    control = Control("epochs", "Epochs", (experiment.epochs,), experiment.epochs)
    cell = Cell(name="only", title="", text="", code=experiment, controls=(control,))
    setup = make_program(experiment).data
    return run_cell(Chapter(name="test", title="", summary="", cells=(cell,), setup=setup), cell).names


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_records_end_where_the_program_did(experiment):
    names = left_by(experiment)
    run = run_of(names)
    assert run == tuple(train(experiment))
    assert run[-1][:4] == (names["final_epoch"], names["final_b"], names["final_w"], names["final_loss"])


def test_run_can_be_had_with_something_changed():
    names = left_by(EXPERIMENTS[2])
    changed = Experiment(method="autograd", epochs=3, n=50, noise=0.3)
    assert run_of(names, method="autograd", optimizer="sgd") == tuple(train(changed))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_landscape_is_that_of_the_training_points(reduction):
    experiment = Experiment(method="loss_fn", epochs=1, reduction=reduction, learning_rate=0.001, n=30)
    data = make_dataset(experiment)
    squares = (0.5 + 1.5 * data.x_train - data.y_train) ** 2
    assert landscape_of(left_by(experiment)).loss(0.5, 1.5) == pytest.approx(getattr(np, reduction)(squares))


def test_path_goes_over_b_and_w():
    run = tuple(train(Experiment(epochs=2)))
    series = path(run, "here", "data")
    assert (series.label, series.role, series.style) == ("here", "data", "path")
    assert list(zip(series.x, series.y, strict=True)) == [(one.b, one.w) for one in run]
