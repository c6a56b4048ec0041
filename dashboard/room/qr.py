"""QR pictures of addresses: for the page, and for the terminal."""

from __future__ import annotations

import io

import segno

__all__ = ["qr_svg", "qr_terminal"]

CORRECTION = "m"
"""Read with up to 15 % of it hidden, by a head in the row before, or by glare."""

QUIET = 4
"""The width of the empty edge that a reader needs, in modules."""


def qr_svg(text: str) -> str:
    """The picture as SVG to be put into a page, as large as its place, and black on white on a dark page too."""
    svg: str = _code(text).svg_inline(
        border=QUIET,
        dark="#000",
        light="#fff",
        omitsize=True,
        title=f"QR code of {text}",
        svgclass=None,
        lineclass=None,
    )
    # Modules that touch must not show a line between them, however the picture is enlarged.
    return svg.replace("<svg ", '<svg role="img" shape-rendering="crispEdges" ', 1)


def qr_terminal(text: str, *, coloured: bool) -> str:
    """The picture in characters, each two modules high.

    `coloured` asks a terminal for white on black, whatever its own colours are; without that the picture is right on a
    dark ground, and readers that know turned colours read it on a light one.
    """
    out = io.StringIO()
    _code(text).terminal(out, border=QUIET, compact=True)
    lines = out.getvalue().splitlines()
    return "\n".join(f"\x1b[97;40m{line}\x1b[0m" for line in lines) if coloured else "\n".join(lines)


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error=CORRECTION, micro=False)
