"""The browser half of the page in one piece: its modules in an import map, its styles and letters, plotly's script.

A page that is opened from a disk may load no other file. A module whose address is its own text cannot say `./name.js`
either, so every import is rewritten to a bare name, which the map leads to a `data:` address.
"""

from __future__ import annotations

import json
import posixpath
import re
from base64 import b64encode
from pathlib import Path

from streamlit.file_util import get_static_dir

from dashboard.shared.static_address import PLOTLY, static_files

__all__ = ["ENTRY", "FONTS", "fonts", "import_map", "plotly", "styles"]

ENTRY = "webpage/index.js"
"""The module that begins."""

FONTS = {"Source Sans": "SourceSansVF-Upright*.woff2", "Source Code Pro": "SourceCodeVF-Upright*.woff2"}
"""By the family that Streamlit's styles name, the files."""

_RELATIVE = re.compile(r'((?:\bfrom|\bimport)\s*")(\.{1,2}/[^"]+)(")')
_NAMED = re.compile(r'(?:\bfrom|\bimport)\s*"([^".]+\.js)"')


def import_map() -> str:
    """The JSON of an import map that knows `ENTRY` and every module that it needs."""
    files = static_files()
    modules: dict[str, str] = {}
    waiting = [ENTRY]
    while waiting:
        name = waiting.pop()
        if name not in modules:
            modules[name] = _with_bare_names(files[name].decode(), posixpath.dirname(name))
            waiting += _NAMED.findall(modules[name])
    addresses = {
        name: f"data:text/javascript;base64,{b64encode(text.encode()).decode()}"
        for name, text in sorted(modules.items())
    }
    return json.dumps({"imports": addresses}, indent=0)


def _with_bare_names(module: str, folder: str) -> str:
    """The text of a module in this folder, with the names of all that it imports as they are from the top."""
    return _RELATIVE.sub(lambda found: found[1] + posixpath.normpath(f"{folder}/{found[2]}") + found[3], module)


def styles() -> str:
    """Those of the stage, then those of the page."""
    files = static_files()
    names = [name for name in files if name.startswith("stage/") and name.endswith(".css")]
    names.sort(key=lambda name: (name != "stage/stage.css", name))
    return "\n".join(files[name].decode() for name in (*names, "webpage/page.css"))


def fonts() -> str:
    """The lab's own letters, which come along with Streamlit: with wider ones numbers would overlap."""
    media = Path(get_static_dir()) / "static" / "media"
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; font-weight: 200 900; src: url("{_address(path)}") }}'
        for family, pattern in FONTS.items()
        for path in media.glob(pattern)
    )


def _address(path: Path) -> str:
    return f"data:font/woff2;base64,{b64encode(path.read_bytes()).decode()}"


def plotly() -> str:
    """Its script."""
    return static_files()[PLOTLY.name].decode()
