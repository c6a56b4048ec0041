"""Where a browser finds the files in `dashboard/static`, and plotly's own script, which is served beside them.

Addresses are relative to the page, so they hold under any prefix. The server of `dashboard/app.py` serves the files
itself, under an address that changes with their contents. Where a host runs `app.py` as a plain script there is no
such server: then Streamlit serves them as it does those of any component.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import plotly
from streamlit.components.v1 import declare_component

__all__ = ["OWN", "PLOTLY", "address_of", "browser_half", "serving", "static_files", "versioned"]

STATIC = Path(__file__).parents[1] / "static"
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"

OWN = "app/static/"
"""What the address of every file begins with that the server serves itself."""

_served_at: str | None = None


def static_files() -> dict[str, bytes]:
    """All files by their name, which has slashes: `stage/index.js`, `plotly.min.js`."""
    files = [(path.relative_to(STATIC).as_posix(), path) for path in sorted(STATIC.rglob("*.*")) if path.is_file()]
    return {name: path.read_bytes() for name, path in (*files, (PLOTLY.name, PLOTLY))}


def versioned(files: Mapping[str, bytes]) -> str:
    """The address before the files' names, with a slash at the end. It is another one for other files.

    One for all of them, so that modules find one another beside themselves.
    """
    digest = sha256()
    for name, contents in sorted(files.items()):
        digest.update(f"{name}\0{len(contents)}\0".encode() + contents)
    return f"{OWN}{digest.hexdigest()[:12]}/"


def serving(files: Mapping[str, bytes]) -> str:
    """Note that this process serves these files itself. Returns their `versioned` address."""
    global _served_at
    _served_at = versioned(files)
    return _served_at


def browser_half(module: str, *scripts: str) -> str:
    """The `js` of a component whose default export is that of the file `module`; `scripts` have run when it is called.

    It travels with every answer of the component, so it is no more than the way to the real module.
    """
    addresses = json.dumps([address_of(name) for name in (module, *scripts)])
    return f"""
const load = (address) => import(new URL(address, document.baseURI).href);
const [half] = await Promise.all({addresses}.map(load));
export default half.default;
"""


def address_of(name: str) -> str:
    """Where the browser finds one file, relative to the root of the lab."""
    if _served_at is not None:
        return _served_at + name
    path = PLOTLY if name == PLOTLY.name else STATIC / name
    folder = PLOTLY.parent if path == PLOTLY else STATIC
    component = declare_component(folder.name, path=folder)
    return f"component/{component.name}/{name}"
