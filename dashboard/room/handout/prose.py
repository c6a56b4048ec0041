"""The sentences of the course and of the mistakes as HTML: code and emphasis, and marks in the colours of their roles.

That is all of Markdown that they use; everything else in them is text.
"""

from __future__ import annotations

import re
from html import escape

from core.course.marks import MARK

__all__ = ["code", "prose"]

PARTS = re.compile(rf"`(?P<code>[^`]+)`|\*\*(?P<strong>[^*]+)\*\*|{MARK.pattern}")


def prose(text: str) -> str:
    """What stands within a paragraph."""
    html, at = [], 0
    for found in PARTS.finditer(text):
        html += [escape(text[at : found.start()]), _part(found)]
        at = found.end()
    return "".join([*html, escape(text[at:])])


def code(text: str, kind: str = "code") -> str:
    """Lines of code, or of what a program says, as they are. `kind` is a class of `reading.css`."""
    return f'<pre class="{kind}"><code>{escape(text.strip(chr(10)))}</code></pre>'


def _part(found: re.Match[str]) -> str:
    if found["code"]:
        return f"<code>{escape(found['code'])}</code>"
    if found["strong"]:
        return f"<strong>{prose(found['strong'])}</strong>"
    role, written = found[3], found[4] or found[3]
    # A letter is a variable of the formulas, a word is one of the sentence.
    tag = "i" if len(written) == 1 else "strong"
    return f'<{tag} class="role-{role}">{escape(written)}</{tag}>'
