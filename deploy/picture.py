"""Draws the deployment at a glance: `python deploy/picture.py` writes `deploy/picture.svg`."""

from __future__ import annotations

from html import escape
from pathlib import Path

__all__ = ["FILE", "picture"]

FILE = Path(__file__).with_suffix(".svg")

WIDTH, HEIGHT = 760, 250
BOX_WIDTH, BOX_HEIGHT = 132, 56

BOXES = {
    "visitors": (8, 24, "Visitors", "of the lab"),
    "followers": (8, 144, "Followers", "of a room"),
    "proxy": (216, 84, "Proxy", "haproxy.cfg"),
    "first": (424, 24, "Replica 1", "dashboard/app.py"),
    "last": (424, 144, "Replica N", "dashboard/app.py"),
    "redis": (620, 84, "Redis", "rooms, uploads"),
}
"""By name: left and top, what it is, and what it is made of."""

LINES = [
    ("visitors", "proxy", "stays", -9),
    ("followers", "proxy", "any", 9),
    ("proxy", "first", "stays", -4),
    ("proxy", "first", "any", 4),
    ("proxy", "last", "stays", -4),
    ("proxy", "last", "any", 4),
    ("first", "redis", "shared", -9),
    ("last", "redis", "shared", 9),
]
"""From the right side of one to the left side of the other, of a kind, and so far below the middle at the right."""

LEGEND = [
    ("stays", "a visit stays on its replica"),
    ("any", "a follower is served by any"),
    ("shared", "what all replicas share"),
]

LIGHT = {"ink": "#1c2430", "soft": "#566072", "line": "#33415c", "box": "#f6f7f9"}
DARK = {"ink": "#e8ecf2", "soft": "#aab4c4", "line": "#8ea3c7", "box": "#181d27"}


def picture() -> str:
    """The SVG. It follows the light or dark look of whoever shows it."""
    drawn = [_line(*line) for line in LINES] + [_box(*box) for box in BOXES.values()]
    for place, (kind, words) in enumerate(LEGEND):
        left = 8 + 252 * place
        drawn.append(
            f'<path class="{kind}" d="M{left} 232h36"/><text class="soft" x="{left + 44}" y="236">{words}</text>'
        )
    style = f"{_style(LIGHT)}@media (prefers-color-scheme: dark) {{{_style(DARK)}}}"
    kinds = ".any {stroke-dasharray: 6 4} .shared {stroke-dasharray: 1.5 4; stroke-linecap: round; stroke-width: 2.5}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
    return "\n".join([head, f"<style>{style}{kinds}</style>", *drawn, "</svg>\n"])


def _style(colours: dict[str, str]) -> str:
    return (
        f"text {{font: 15px system-ui, sans-serif; fill: {colours['ink']}}} "
        f".soft {{font-size: 12.5px; fill: {colours['soft']}}} "
        f"rect {{fill: {colours['box']}; stroke: {colours['line']}; stroke-width: 1.5}} "
        f"path {{fill: none; stroke: {colours['line']}; stroke-width: 1.5}} "
    )


def _box(left: int, top: int, what: str, made_of: str) -> str:
    middle = left + BOX_WIDTH / 2
    return (
        f'<rect x="{left}" y="{top}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="8"/>'
        f'<text x="{middle:g}" y="{top + 25}" text-anchor="middle">{escape(what)}</text>'
        f'<text class="soft" x="{middle:g}" y="{top + 43}" text-anchor="middle">{escape(made_of)}</text>'
    )


def _line(left: str, right: str, kind: str, below: int) -> str:
    (x, y, *_), (to_x, to_y, *_) = BOXES[left], BOXES[right]
    # Two that lead to one box are a pair at both ends.
    start = y + BOX_HEIGHT / 2 + (below if abs(below) == 4 else 0)
    return f'<path class="{kind}" d="M{x + BOX_WIDTH} {start:g}L{to_x} {to_y + BOX_HEIGHT / 2 + below:g}"/>'


if __name__ == "__main__":
    FILE.write_text(picture(), encoding="utf-8")
