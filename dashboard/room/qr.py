"""QR pictures of addresses."""

from __future__ import annotations

import segno

__all__ = ["qr_svg"]


def qr_svg(text: str) -> str:
    """The picture as SVG."""
    svg: str = segno.make(text, error="m", micro=False).svg_inline(border=4, omitsize=True)
    return svg
