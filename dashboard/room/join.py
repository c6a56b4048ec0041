"""The page that asks for the code of a room: plain HTML, for whatever phone there is."""

from __future__ import annotations

from html import escape

from dashboard.room.codes import LENGTH
from dashboard.shared.palette import DARK, LIGHT
from dashboard.shared.static_address import address_of

__all__ = ["PAGE_HEADERS", "join_page", "no_room"]

PAGE_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff"}

ROLES = ("background", "panel", "muted", "text")
"""The other colours of the palette mean something that is not on this page."""


def join_page(asked: str | None = None, problem: str = "", *, up: str = "") -> str:
    """The page as HTML.

    Args:
        asked: what was given as a code, and leads nowhere.
        problem: why, and what to do.
        up: leads from the page's address to that of `/room`.
    """
    if asked is None:
        alert, wrong = "", ""
    else:
        alert, wrong = f'<p id="problem" role="alert">{escape(problem)}</p>', ' aria-invalid="true"'
    described = "hint problem" if asked is not None else "hint"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Join a lecture · Gradient Descent Lab</title>
<link rel="icon" href="{up}{address_of("icon.svg")}">
<style>{_colours()}</style>
<link rel="stylesheet" href="{up}{address_of("room/join.css")}">
</head>
<body>
<main>
<h1>Join a lecture</h1>
<form action="{up}room" method="get">
<label for="code">Code of the room</label>
<input id="code" name="code" value="{escape((asked or "")[:20])}" placeholder="K7QXM2" maxlength="20" required autofocus
  autocomplete="off" autocapitalize="characters" autocorrect="off" spellcheck="false" enterkeyhint="go"
  aria-describedby="{described}"{wrong}>
{alert}
<p id="hint">{LENGTH} letters and digits, shown in the lecture. Nobody asks for your name.</p>
<button>Join</button>
</form>
</main>
</body>
</html>
"""


def no_room(code: str) -> str:
    """What is said where there is no room of that code, as `read_code` gives it."""
    if not code:
        return f"A code has {LENGTH} letters and digits, such as K7QXM2. Look at it again."
    return f"There is no room {code}. Look at the code again, or ask whether the lecture has ended."


def _colours() -> str:
    """Those of the page, for either theme."""
    light, dark = (" ".join(f"--{role}: {palette[role]};" for role in ROLES) for palette in (LIGHT, DARK))
    return f":root {{{light}}} @media (prefers-color-scheme: dark) {{:root {{{dark}}}}}"
