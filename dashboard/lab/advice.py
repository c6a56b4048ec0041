"""The learning rate's control, with what the data say of it: how far the slider goes, its zones, a rate to take."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from math import ceil, floor, log, log10

from core import Experiment, Landscape
from core.experiment import PARAMETERS
from core.geometry.advice import (
    NEARER,
    STEADY,
    Zones,
    advised_rate,
    condition_in_words,
    epochs_for_steps,
    is_long_valley,
    needs_scaling,
    roughly,
    standardized_in_words,
    zones_of,
)
from core.geometry.landscape import digits_below
from core.parameters import Real
from dashboard.lab.comparing import shown_fields
from dashboard.lab.fields import choose, forget_problems
from dashboard.lab.points import landscape_of
from dashboard.lab.widgets import ROW, ladder, logarithmic
from dashboard.stage.watching import Asked

__all__ = ["STYLE", "learning_rate", "places", "rungs_for"]

FIELD = "learning_rate"
STEPS = (1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8)
OPTIMIZERS = {"momentum": "With momentum 0.9, descent", "rmsprop": "RMSprop", "adam": "Adam"}

_IN_ROW = f".st-key-{ROW}{FIELD}"
_TRACK = f'{_IN_ROW} [data-testid="stSlider"] [role="group"] > div'

STYLE = f"""
{_IN_ROW} {{display: grid; grid-template-columns: minmax(0, 1fr) auto; row-gap: 0.6rem}}
{_IN_ROW} > :nth-child(n + 3) {{grid-area: 2 / 1 / auto / -1; width: auto}}
{_IN_ROW} > .st-key-advised-rate {{justify-self: end; align-self: start}}
.st-key-advised-rate button {{min-height: 0; padding: 0; line-height: 1.5; text-decoration: underline}}
.st-key-advised-rate p {{font-size: 0.875rem}}
{_TRACK}::before, {_TRACK}::after {{
  content: ""; display: var(--zones, none); position: absolute; inset: calc(50% + 8px) 0 auto; height: 5px;
  pointer-events: none;
}}
{_TRACK}::before {{
  clip-path: inset(0 calc(100% - var(--limit)) 0 0);
  background: linear-gradient(90deg, var(--lab-gradient) var(--smooth), transparent 0),
    repeating-linear-gradient(90deg, var(--lab-gradient) 0 2px, transparent 2px 4px);
}}
{_TRACK}::after {{
  clip-path: inset(0 0 0 var(--limit));
  background: repeating-linear-gradient(135deg, var(--lab-line) 0 2px, transparent 2px 4px);
}}
"""
"""The row holds slider and number, and below them what is said of it with a button at its right. Under the slider's
track a strip shows where descent is smooth, swings and diverges, told apart by its pattern as well as its colour."""


def learning_rate(front: Asked | None) -> None:
    """Draw the control for the run in front; without one, it is the plain control."""
    if front is None:
        logarithmic(FIELD, "Learning rate", ladder(1e-4, 10, STEPS)).caption("")
        return
    experiment, points = front
    landscape = landscape_of(points, experiment.reduction)
    rungs = rungs_for(experiment, landscape)
    row = logarithmic(FIELD, "Learning rate", rungs, more_help=_explained(experiment, landscape))
    zones = zones_of(landscape, experiment.optimizer)
    # The slider has the present rate among its rungs.
    strip = _strip(zones, sorted({*rungs, float(shown_fields()[FIELD])})) if zones else ""
    row.caption(f"{strip}{_said(experiment, landscape, zones)}", unsafe_allow_html=True)
    advised = advised_rate(landscape, experiment.optimizer)
    if needs_scaling(experiment, landscape) and experiment.standardize == "none":
        row.button("**Standardise x**", type="tertiary", key="advised-rate", on_click=_use, args=("standardize", "x"))
    elif advised is not None and experiment.is_full_batch(landscape.n):
        row.button(f"Use **{advised:g}**", type="tertiary", key="advised-rate", on_click=_use, args=(FIELD, advised))


def rungs_for(experiment: Experiment, landscape: Landscape) -> list[float]:
    """Five decades around the data's own limit. Where the optimizer always moves by about the rate, at least the usual
    ones, and up to a rate that gets to the minimum in a tenth of the epochs."""
    bounds = PARAMETERS[FIELD]
    assert isinstance(bounds, Real)
    lowest, highest = floor(log10(bounds.low)), floor(log10(bounds.high))
    if experiment.optimizer in STEADY:
        needed = 10 * experiment.learning_rate * epochs_for_steps(experiment, landscape) / experiment.epochs
        return ladder(1e-4, _power(min(max(ceil(log10(needed)) if needed else 1, 1), highest)), STEPS)
    decade = max(floor(log10(float(landscape.limit_in_digits))), lowest + 3)
    return ladder(_power(decade - 3), _power(decade + 2), STEPS)


def places(zones: Zones, options: Sequence[float]) -> tuple[float, float]:
    """Where along a slider over `options`, ascending, descent begins to swing and to diverge: 0 is its left end."""
    return _place(zones.smooth, options), _place(zones.limit, options)


def _place(rate: float, options: Sequence[float]) -> float:
    after = bisect_right(options, rate)
    if after == 0:
        return 0.0
    if after == len(options):
        return 1.0
    below, above = options[after - 1], options[after]
    return (after - 1 + log(rate / below) / log(above / below)) / (len(options) - 1)


def _power(exponent: int) -> float:
    return float(f"1e{exponent}")


def _strip(zones: Zones, options: Sequence[float]) -> str:
    """Where the zones along the slider end, for the style of the stage, which paints them; and the same in words."""
    smooth, limit = (f"{100 * place:.2f}%" for place in places(zones, options))
    told = f"smooth to {digits_below(zones.smooth)}, swings to {digits_below(zones.limit)}, then diverges"
    return (
        f"<style>{_IN_ROW} {{--smooth: {smooth}; --limit: {limit}; --zones: block}}</style>"
        f'<span class="zones-in-words" role="img" aria-label="Along the slider: {told}."></span>\n\n'
    )


def _said(experiment: Experiment, landscape: Landscape, zones: Zones | None) -> str:
    plain = landscape.limit_in_digits
    limit = digits_below(zones.limit) if zones else plain
    first = f"Diverges at **{limit}**" if zones else f"Plain: diverges at **{limit}**"
    notes = [f"plain: **{plain}**"] if limit != plain else []
    if not experiment.is_full_batch(landscape.n):
        notes.append("full batch")
    lines = [f"{first} ({', '.join(notes)})" if notes else first]
    if advised_rate(landscape) is None:
        lines.append("No rate is small enough for these data: standardise x.")
    elif zones is None:
        epochs = epochs_for_steps(experiment, landscape)
        if epochs > experiment.epochs:
            away = roughly(max(abs(landscape.b_min), abs(landscape.w_min)))
            lines.append(f"The minimum is {away} away: at {experiment.learning_rate:g} about {roughly(epochs)} epochs.")
    elif is_long_valley(landscape):
        lines.append(f"{condition_in_words(landscape)}; {standardized_in_words(landscape)}.")
    return "  \n".join(lines)


def _explained(experiment: Experiment, landscape: Landscape) -> str:
    """What the slider's help says of this run's data."""
    zones = zones_of(landscape, experiment.optimizer)
    name = OPTIMIZERS.get(experiment.optimizer, "Descent")
    if zones is None:
        moves = f"{name} moves b and w by about the learning rate in each update, so that no such limit is known."
    else:
        moves = (
            f"{name} goes smoothly up to {digits_below(zones.smooth)}, swings up to {digits_below(zones.limit)}, and "
            "diverges beyond that."
        )
    if not experiment.is_full_batch(landscape.n):
        moves += " This is so where every update sees all points; for smaller batches it is a guide only."
    rate = advised_rate(landscape)
    how = f"Epochs of plain descent at {rate:g} until b and w are {NEARER} times nearer to the minimum." if rate else ""
    condition = f"{condition_in_words(landscape)}; {standardized_in_words(landscape)}."
    return "\n\n".join(part for part in (moves, condition, how) if part)


def _use(field: str, value: float | str) -> None:
    """One click: the run in front, or a new one after `keep`, has what is advised."""
    if shown_fields()[field] != value:
        choose(field, value)
    forget_problems()
