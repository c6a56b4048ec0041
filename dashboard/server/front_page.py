"""The page that the browser opens first: Streamlit's, and what the lab can tell the browser before a session starts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from streamlit.file_util import get_static_dir

__all__ = ["front_page"]

HEAD = '<meta charset="UTF-8" />'

# A proxy that strips a prefix sends `/lab` and `/lab/` here alike, and only the browser knows which of the two it
# was. From the first it would look for everything beside `lab` instead of in it; so nothing is asked for before.
EARLY = """<script>
      if (location.pathname.endsWith("/")) {
        for (const href of %s) {
          document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
        }
      } else {
        stop();
        location.replace(`${location.pathname}/${location.search}${location.hash}`);
      }
    </script>"""


def front_page(modules: Iterable[str]) -> bytes:
    """Streamlit's own page, from whose start on the browser also fetches `modules`, addresses relative to the page."""
    page = (Path(get_static_dir()) / "index.html").read_text(encoding="utf-8")
    return page.replace(HEAD, f"{HEAD}\n    {EARLY % json.dumps([*modules])}", 1).encode()
