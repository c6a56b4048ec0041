"""The browser half of the page in one piece: its modules in an import map, its styles and letters, plotly's script.

A page that is opened from a disk may load no other file. A module whose address is its own text cannot say `./name.js`
either, so every import is rewritten to a bare name, which the map leads to a `data:` address.
"""

from __future__ import annotations

import json
import posixpath
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from streamlit.file_util import get_static_dir

from dashboard.shared.static_address import PLOTLY, static_files

__all__ = ["ENTRY", "fonts", "import_map", "needed", "plotly", "style_names", "styles"]

ENTRY = "webpage/index.js"
"""The module that begins."""

FONTS = {"Source Sans": "SourceSansVF-Upright*.woff2", "Source Code Pro": "SourceCodeVF-Upright*.woff2"}
"""By the family that Streamlit's styles name, the files."""

_RELATIVE = re.compile(r'((?:\bfrom|\bimport)\s*")(\.{1,2}/[^"]+)(")')
_NAMED = re.compile(r'(?:\bfrom|\bimport)\s*"([^".]+\.js)"')


def needed(entry: str) -> dict[str, str]:
    """The module `entry` and all that it imports at once, by name: their texts, with bare names of what they import."""
    files = static_files()
    modules: dict[str, str] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name not in modules:
            modules[name] = _with_bare_names(files[name].decode(), posixpath.dirname(name))
            waiting += _NAMED.findall(modules[name])
    return modules


def import_map() -> str:
    """The JSON of an import map that knows `ENTRY` and every module that it needs."""
    addresses = {
        name: f"data:text/javascript;base64,{b64encode(text.encode()).decode()}"
        for name, text in sorted(needed(ENTRY).items())
    }
    return json.dumps({"imports": addresses}, indent=0)


def _with_bare_names(module: str, folder: str) -> str:
    """The text of a module in this folder, with the names of all that it imports as they are from the top."""
    return _RELATIVE.sub(lambda found: found[1] + posixpath.normpath(f"{folder}/{found[2]}") + found[3], module)


def style_names() -> list[str]:
    """The files with the styles of a stage that has a page for itself, in their order."""
    names = [name for name in static_files() if name.startswith("stage/") and name.endswith(".css")]
    names.sort(key=lambda name: (name != "stage/stage.css", name))
    return [*names, "webpage/alone.css"]


def styles() -> str:
    """Those of the stage, then those of the page."""
    files = static_files()
    return "\n".join(files[name].decode() for name in (*style_names(), "webpage/page.css"))


def fonts(address: Callable[[Path], str] | None = None) -> str:
    """The lab's own letters, which come along with Streamlit: with wider ones numbers would overlap.

    Args:
        address: says where a page finds the file; without it the letters are in the page.
    """
    media = Path(get_static_dir()) / "static" / "media"
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; font-weight: 200 900; src: url("{(address or _inlined)(path)}") }}'
        for family, pattern in FONTS.items()
        for path in media.glob(pattern)
    )


def _inlined(path: Path) -> str:
    return f"data:font/woff2;base64,{b64encode(path.read_bytes()).decode()}"


def plotly() -> str:
    """Its script."""
    return static_files()[PLOTLY.name].decode()
