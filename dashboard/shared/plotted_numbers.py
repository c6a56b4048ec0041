"""How numbers are written in what a chart says when it is pointed at: as the stage's tables write them."""

from __future__ import annotations

__all__ = ["COUNT", "NUMBER", "SEPARATORS"]

NUMBER = ",.6~g"
"""d3's format of a number: six digits, all those before the point in full up to a million."""

COUNT = ","
"""The same of an epoch: all digits."""

SEPARATORS = ".\u202f"
"""Before the decimals, and between the thousands where a format has a comma: a point, and a narrow space."""
