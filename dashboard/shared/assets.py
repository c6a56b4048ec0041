"""Puts plotly's own script where Streamlit serves static files, so that the page needs nothing from elsewhere."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import plotly

__all__ = ["provide_plotly"]

STATIC = Path(__file__).parents[1] / "static"


def provide_plotly(target: Path = STATIC / "plotly.min.js") -> Path:
    """Copy `plotly.min.js` from the installed package, unless the copy is already that one. Returns its path."""
    source = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    if not target.exists() or target.stat().st_size != source.stat().st_size:
        # Under another name first: a page that is being served never sees half a file.
        partial = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copyfile(source, partial)
        partial.replace(target)
    return target
