"""The stage in a cell of a notebook: the same page, in a frame."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from core import Comparison, Dataset, Experiment, train_jointly
from core.comparison import change_between
from dashboard.webpage.link import LOCAL, lab_address, query_of
from dashboard.webpage.making import Columns, arrangement_of, make_page
from dashboard.webpage.told import KeptRun

__all__ = ["Shown", "show"]

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
        style = f"width: 100%; height: {self.height}px; border: 0"
        return f'<iframe srcdoc="{escape(self.page)}" sandbox="{ALLOWED}" style="{style}"></iframe>'

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
        columns=None if dataset is None else Columns("in this notebook", "its x", "its y"),
    )
    return Shown(page.decode(), height)
