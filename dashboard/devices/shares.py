"""What an epoch is made of by each way, with one number of points: bars of computing, copying and waiting."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from core.training.devices.measuring import Timing
from core.training.devices.ways import Way
from core.training.devices.words import told_points, told_seconds
from dashboard.devices.chart import role_of

__all__ = ["STYLE", "draw_shares"]

PARTS = ("computing", "copying", "waiting")

STYLE = """
.shares {width: 100%; border-collapse: collapse; font-size: 0.9rem; line-height: 1.3}
.shares caption {padding-bottom: 0.2rem; text-align: left; font-weight: 600}
.shares :is(th, td) {padding: 0.28rem 0 0; text-align: left; font-weight: 400}
.shares .total {text-align: right; font-weight: 600; white-space: nowrap}
.shares .way-dot {display: inline-block; width: 0.7em; height: 0.7em; margin-right: 0.45em; border-radius: 50%}
.shares .bar {display: flex; height: 0.8rem; border: 1px solid var(--text); border-radius: 3px; overflow: hidden}
.shares small {color: var(--muted); font-size: 0.8rem}
:is(.shares, .shares-key) .computing {background: var(--text)}
:is(.shares, .shares-key) .copying {background: var(--data)}
:is(.shares, .shares-key) .waiting {
  background: repeating-linear-gradient(135deg, var(--background) 0 3px, var(--grid) 3px 6px)
}
.shares-key {margin: 0.6rem 0 0; font-size: 0.9rem}
.shares-key i {display: inline-block; width: 0.9em; height: 0.8em; margin-right: 0.4em; border: 1px solid var(--text)}
.shares-key span {margin-right: 1.2em; white-space: nowrap}
"""


def draw_shares(ways: Sequence[Way], timings: Sequence[Timing], points: int) -> str:
    """A row for every way as HTML, with a key below; its look is `STYLE`."""
    by_way = {one.way: one for one in timings if one.points == points}
    rows = "".join(_row(way, role_of(number), by_way.get(way.name)) for number, way in enumerate(ways))
    key = "".join(f'<span><i class="{part}"></i>{part}</span>' for part in PARTS)
    title = f"An epoch with {told_points(points)} points"
    return f'<table class="shares"><caption>{title}</caption>{rows}</table><p class="shares-key">{key}</p>'


def _row(way: Way, role: str, timing: Timing | None) -> str:
    dot = f'<span class="way-dot" style="background: var(--{role})"></span>'
    name = f'<tr><th scope="row">{dot}{escape(way.label)}</th>'
    if timing is None:
        return f'{name}<td class="total">not measured</td></tr>'
    parts = {part: getattr(timing, part) for part in PARTS}
    bar = "".join(
        f'<span class="{part}" style="flex: {value / timing.seconds:.4f}"></span>' for part, value in parts.items()
    )
    numbers = " · ".join(f"{part} {told_seconds(value)}" for part, value in parts.items())
    return (
        f'{name}<td class="total">{told_seconds(timing.seconds)}</td></tr>'
        f'<tr data-way="{way.name}"><td colspan="2"><div class="bar">{bar}</div><small>{numbers}</small></td></tr>'
    )
