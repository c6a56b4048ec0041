"""The stage in a cell of a notebook: the same page, in a frame; and the cells that show it there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from core import Comparison, Dataset, Experiment, train_jointly
from core.comparison import change_between
from core.takeaway.notebook import Code, Markdown
from dashboard.webpage.link import LOCAL, lab_address, query_of
from dashboard.webpage.making import Columns, arrangement_of, make_page
from dashboard.webpage.told import KeptRun

__all__ = ["Shown", "show", "stage_cells"]

ALLOWED = "allow-scripts allow-downloads allow-popups allow-popups-to-escape-sandbox"
"""What the page may do in its frame: it can neither read nor change the notebook."""


@dataclass(frozen=True)
class Shown:
    """What Jupyter shows as the stage."""

    page: str
    """The page, as the text of an .html file."""
    height: int
    """Of its frame, in pixels."""

    def _repr_html_(self) -> str:
        frame = (
            f'title="Gradient Descent Lab" sandbox="{ALLOWED}" style="width: 100%; height: {self.height}px; border: 0"'
        )
        return f'<iframe {frame} srcdoc="{escape(self.page)}"></iframe>'

    def __repr__(self) -> str:
        return f"<a stage of {len(self.page) / 1e6:.1f} MB, which Jupyter shows>"


def show(
    experiment: Experiment, *others: Experiment, dataset: Dataset | None = None, height: int = 720, lab: str = LOCAL
) -> Shown:
    """Train the experiment, and others beside it, and show them as the stage of the lab: the last line of a cell.

    Args:
        others: at most five.
        dataset: points to train all of them on, taken as they are; those that each experiment describes if left out.
        height: of the stage, in pixels.
        lab: the address of a lab, to which a link leads.

    Raises:
        ValueError: as `Comparison` and `train_jointly` do, or for an address that is none.
    """
    base = experiment.to_dict()
    comparison = Comparison(experiment, tuple(change_between(base, other.to_dict()) for other in others))
    experiments = comparison.experiments
    trained = train_jointly(experiments, None if dataset is None else [dataset] * len(experiments))
    runs = [KeptRun(run.experiment, run.dataset, run.history, len(run), run.stop) for run in trained]
    page = make_page(
        runs,
        arrangement_of(comparison),
        lab=lab_address(lab),
        query=query_of(comparison, None, {}) if dataset is None else None,
        columns=None if dataset is None else Columns("", dataset.x_name, dataset.y_name),
    )
    return Shown(page.decode(), height)


def stage_cells(experiments: Sequence[Experiment], dataset: Dataset | None) -> list[Markdown | Code]:
    """Cells that show the runs of a notebook as a stage, where the lab is installed, and elsewhere say what is missing.

    Args:
        dataset: the points of a table, which the cells before have as `x_train` and so on; None for those that the
            experiments describe.
    """
    names = "Experiment" if dataset is None else "Dataset, Experiment"
    arguments = [_written(one if dataset is None else _as_given(one)) for one in experiments]
    if dataset is not None:
        columns = f"x_train, y_train, x_val, y_val, x_name={dataset.x_name!r}, y_name={dataset.y_name!r}"
        arguments.append(f"dataset=Dataset({columns})")
    listed = "".join(f"        {argument},\n" for argument in arguments)
    return [
        Markdown("## The same as a stage to play with"),
        Code(
            f"""try:
    from core import {names}
    from dashboard.webpage import show
except ImportError:
    stage = "Install Gradient Descent Lab, and the run plays here."
else:
    stage = show(
{listed}    )
stage"""
        ),
    ]


def _as_given(experiment: Experiment) -> Experiment:
    """The same for points that are there as the run sees them."""
    return replace(experiment, standardize="none", moved=())


def _written(experiment: Experiment) -> str:
    usual = Experiment().to_dict()
    given = {name: value for name, value in vars(experiment).items() if value != usual[name]}
    return f"Experiment({', '.join(f'{name}={value!r}' for name, value in given.items())})"
