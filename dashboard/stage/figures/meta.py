"""The contract by which a figure tells the browser how it moves: what may stand in `meta`, of traces and of layouts.

A figure is described once per run. A trace that moves names in its `meta` a rule, in terms of the run's columns; the
browser plays columns into traces by these rules (`static/stage/charts/rules.js`, `painter.js`) and knows nothing else
of what they mean. Whatever x and y such a trace has are lists: arrays travel in a form that only plotly decodes.

A trace may instead fill what is in view: it says of what, and has no data of its own.

Between two epochs a run can be stepped through beat by beat; a trace may say in which of them it is seen.

Both halves are tested against these types: every figure that is made by `problems_of`, and the browser by
`tests/browser/test_rules.py`, which wants an example of every rule, and that the browser reads what stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, NewType, TypedDict, Union, get_args, get_origin, get_type_hints, is_typeddict

from core.training.history import COLUMNS

__all__ = ["BATCH_COLUMNS", "ORIGINAL_COLUMNS", "RULES", "Beat", "FigureMeta", "Rule", "problems_of"]

Beat = Literal["forward", "loss", "backward", "update"]
"""What happens between two epochs, in this order: the four steps of the engine."""

Column = NewType("Column", str)
"""A column of the run, or one of `BATCH_COLUMNS` or `ORIGINAL_COLUMNS`."""

BATCH_COLUMNS = ("batch_b_grad", "batch_w_grad")
"""What is known of single epochs only: the gradient of an epoch's first batch."""

ORIGINAL_COLUMNS = ("original_b", "original_w", "original_loss", "original_val_loss")
"""The same as without `original_`, in the units of the data where the run sees scaled ones."""


Company = Literal["all", "front", "elsewhere"]
"""`all`: every run has such a trace, in its own colour. `front`: the run in front has it, in its own colour.
`elsewhere`: so have the run in front, in the colour of what it shows, and in theirs those with another loss surface.
A trace that says nothing is drawn for the run in front, in the colour of what it shows."""


Shows = Literal["training", "residuals", "validation", "moved", "line", "minimum"]
"""What a trace shows of the data of the run in front, so that it follows a point that a hand moves: the first training
points; three entries for each of them (at the point, on the line, and a gap); the first validation points; those that
were moved; the least-squares line at each x; the least loss over (b, w)."""


class Seen(TypedDict, total=False):
    """When a moving trace is seen; any rule may say so. One that says nothing is seen always."""

    beats: list[Beat]
    """The beats in which it is seen; in all of them if left out."""
    only: bool
    """True: seen in beats alone, never while whole epochs are shown."""
    ahead: list[Beat]
    """The beats in which it shows the epoch to come, as soon as that is trained."""
    company: Company
    """Of which runs it is drawn where several are on the stage."""
    company_dash: Literal["dash", "dot"]
    """How its line is drawn then, where the colour says which run it is and no longer what."""
    layer: Literal["arrows"]
    """It is seen only where the visitor has chosen this."""
    shows: Shows


class Named(Seen, total=False):
    """What a line over the epochs may have."""

    label: bool
    """True: where the stage gives the trace a `label`, that stands at the end of the line."""


class HistoryRule(Named):
    """All rows up to the playhead, one column over another."""

    follow: Literal["history"]
    x: Column
    y: Column


class PointRule(Seen):
    """The playhead's row alone."""

    follow: Literal["point"]
    x: Column
    y: Column


class StepRule(Seen):
    """The playhead's row and the one after it; nothing where there is none yet."""

    follow: Literal["step"]
    x: Column
    y: Column


class AffineRule(Seen):
    """At each x of the trace the value that `fixed` gives, and where that is null, intercept + slope·x.

    Where x is null there is a gap.
    """

    follow: Literal["affine"]
    intercept: Column
    slope: Column
    fixed: list[float | None]
    """As long as the trace's x."""


class ResidualsRule(Seen):
    """At each x of the trace what intercept + slope·x misses of the value that `of` gives."""

    follow: Literal["residuals"]
    intercept: Column
    slope: Column
    of: list[float]
    """As long as the trace's x."""


class SquaresRule(Seen):
    """At each point of the trace a square whose side is its distance from intercept + slope·x."""

    follow: Literal["squares"]
    intercept: Column
    slope: Column


class TaylorRule(Seen):
    """Over the axis in view value + slope·(x - at) + curvature/2·(x - at)²."""

    follow: Literal["taylor"]
    at: Column
    value: Column
    slope: Column
    curvature: float


class ArrowRule(Seen):
    """From the playhead's point (x, y) to where scale·(dx, dy) leads, long enough to be seen.

    The scale is given in pairs of an epoch and what holds from there on, the first from 0.
    """

    follow: Literal["arrow"]
    x: Column
    y: Column
    dx: Column
    dy: Column
    scale: list[list[float]]


class SweepRule(Seen):
    """At each x of the trace the loss that the run of a sweep has there by now.

    The losses are no columns of a run: the stage has them from its source, and gives them to the trace."""

    follow: Literal["sweep"]
    lost: float | None
    """A number: it shows only those that have got lost, at this height. None: it shows the others."""


class LevelRule(Seen):
    """At each x of the trace a column of the playhead's row."""

    follow: Literal["level"]
    y: Column


class Still(TypedDict, total=False):
    """A trace that stands still."""

    company: Company
    shows: Shows


class Slopes(TypedDict):
    """The numbers of a `core.Landscape` that its gradients are made of."""

    n: int
    x_mean: float
    y_mean: float
    x_variance: float
    w_min: float
    reduction: Literal["mean", "sum"]


class FieldRule(Seen, Slopes):
    """Arrows over what is in view of b and w, each along minus the gradient of the loss where its middle is."""

    follow: Literal["field"]


class BowlRule(Slopes):
    """The loss over what is in view of b and w: the numbers of its `core.Landscape`.

    Such a trace does not move with the playhead. Plotly draws it as contours, the landscape as its surface.
    """

    follow: Literal["bowl"]
    lowest_mean: float


Rule = (
    HistoryRule
    | PointRule
    | StepRule
    | AffineRule
    | ResidualsRule
    | SquaresRule
    | TaylorRule
    | ArrowRule
    | FieldRule
    | BowlRule
    | SweepRule
    | LevelRule
)
"""The `meta` of a trace that follows the playhead, or what is in view."""

RULES: dict[str, type] = {get_args(get_type_hints(rule)["follow"])[0]: rule for rule in get_args(Rule)}
"""The rules by what stands in `follow`."""


class Scales(TypedDict):
    """The ranges of the vertical axis for both scales that the chart offers: lowest and highest, of "log" as powers."""

    linear: list[float]
    log: list[float]


class FigureMeta(TypedDict, total=False):
    """The `meta` of a layout."""

    during: Literal["epochs", "beats"]
    """The figure is there only while whole epochs are shown, or only in the beats; always if left out."""
    scales: Scales
    """The chart has a button that changes between a logarithmic and a linear vertical axis."""
    along: Literal["epochs", "values"]
    """What the horizontal axis counts, where a click picks a place on it: the epochs, which can also be logarithmic, or
    the values of a sweep."""
    widens: list[Literal["x", "y"]]
    """The axes that reach farther once a trace leaves them; one with plotly's `rangemode` "nonnegative" upwards only.

    Of a history all of it is kept in view, of a point, a step, and a line where it lately was.
    """


def problems_of(figure: Mapping[str, Any]) -> list[str]:
    """What of a figure's `meta` breaks the contract, a sentence each; empty if nothing does."""
    problems = []
    for number, trace in enumerate(figure["data"]):
        if "meta" in trace:
            name = f"Trace {number} ({trace.get('name')})"
            problems += [f"{name}: {problem}" for problem in _problems_of_trace(trace)]
    problems += [f"Layout: {problem}" for problem in _misfits(figure["layout"].get("meta", {}), FigureMeta)]
    return problems


def _problems_of_trace(trace: Mapping[str, Any]) -> list[str]:
    meta = trace["meta"]
    if "follow" not in meta:
        return _misfits(meta, Still)
    rule = RULES.get(meta["follow"])
    if rule is None:
        return [f"follow is {meta['follow']!r}, which is none of {', '.join(RULES)}."]
    problems = _misfits(meta, rule)
    problems += [f"{axis} is no list." for axis in ("x", "y") if not isinstance(trace.get(axis, []), list)]
    for key in ("fixed", "of"):
        if key in meta and len(meta[key]) != len(trace["x"]):
            problems.append(f"{key} is not as long as x.")
    if not set(meta.get("ahead", ())) <= set(meta.get("beats", get_args(Beat))):
        problems.append("ahead names beats in which the trace is not seen.")
    return problems


def _misfits(value: Mapping[str, Any], kind: type) -> list[str]:
    """What of `value` is not as the TypedDict `kind` has it."""
    hints = get_type_hints(kind)
    required: frozenset[str] = kind.__required_keys__  # type: ignore[attr-defined]
    problems = [f"{key} is missing." for key in required - set(value)]
    problems += [f"{key} is not known." for key in set(value) - set(hints)]
    problems += [f"{key} is {value[key]!r:.80}." for key in hints if key in value and not _fits(value[key], hints[key])]
    return sorted(problems)


def _fits(value: object, hint: Any) -> bool:
    """Whether `value` is what the type `hint` stands for. Knows the types that are used above."""
    if hint is Column:
        return value in COLUMNS + BATCH_COLUMNS + ORIGINAL_COLUMNS
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if is_typeddict(hint):
        return isinstance(value, dict) and not _misfits(value, hint)
    parts = get_args(hint)
    if get_origin(hint) is Literal:
        return value in parts
    if get_origin(hint) is list:
        return isinstance(value, list) and all(_fits(one, parts[0]) for one in value)
    if get_origin(hint) in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    return isinstance(value, NoneType if hint is None else hint)
