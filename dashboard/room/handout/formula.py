"""The course's formulas, which are LaTeX, as MathML: browsers typeset that without a script or a font of ours.

It reads the LaTeX that the chapters use. A command that it does not know is an error of the chapter's author, which the
tests find, and not of a reader.
"""

from __future__ import annotations

import re
from html import escape

__all__ = ["mathml"]

TOKENS = re.compile(
    r"\s+|«\w+:?|\\text\{[^}]*\}|\\(?:begin|end)\{aligned\}|\\\\(?:\[\w+\])?|\\[a-zA-Z]+|\\[,;]|\d+(?:\.\d+)?|."
)

SYMBOLS = {
    r"\partial": "<mi>∂</mi>",
    r"\eta": "<mi>η</mi>",
    r"\varepsilon": "<mi>ε</mi>",
    r"\sum": "<mo>∑</mo>",
    r"\cdot": "<mo>⋅</mo>",
    r"\approx": "<mo>≈</mo>",
    r"\leftarrow": "<mo>←</mo>",
    r"\,": '<mspace width="0.17em"/>',
    r"\;": '<mspace width="0.28em"/>',
    r"\qquad": '<mspace width="2em"/>',
    "-": "<mo>−</mo>",
    # Brackets stay as high as a letter, as LaTeX has them.
    "(": '<mo stretchy="false">(</mo>',
    ")": '<mo stretchy="false">)</mo>',
}

BEGIN, END, LINE = r"\begin{aligned}", r"\end{aligned}", "\\\\"


def mathml(latex: str) -> str:
    """The formula, set off from the text, its marks in the colours of their roles.

    Raises:
        ValueError: for LaTeX that the course did not use so far.
    """
    reader = _Reader(latex)
    formula = reader.row()
    if reader.token:
        raise ValueError(f"{reader.token!r} closes nothing in {latex!r}.")
    return f'<math display="block">{formula}</math>'


class _Reader:
    """Reads a formula from left to right; `token` is what comes next, empty at the end."""

    def __init__(self, latex: str) -> None:
        self._tokens = iter([one for one in TOKENS.findall(latex) if not one.isspace()])
        self._latex = latex
        self.token = next(self._tokens, "")

    def row(self) -> str:
        """Everything until what closes it, which is left."""
        parts = []
        while self.token and self.token not in ("}", "»", "&", END) and not self.token.startswith(LINE):
            parts.append(self._with_scripts())
        return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"

    def _take(self) -> str:
        token, self.token = self.token, next(self._tokens, "")
        return token

    def _close(self, bracket: str) -> None:
        if self._take() != bracket:
            raise ValueError(f"A {bracket!r} is missing in {self._latex!r}.")

    def _with_scripts(self) -> str:
        is_sum, base = self.token == r"\sum", self._atom()
        below = above = ""
        while self.token in ("_", "^"):
            if self._take() == "_":
                below = self._atom()
            else:
                above = self._atom()
        if not (below or above):
            return base
        if below and above:
            return f"<msubsup>{base}{below}{above}</msubsup>"
        tag = "msup" if above else "munder" if is_sum else "msub"  # the index of a sum stands below it
        return f"<{tag}>{base}{below}{above}</{tag}>"

    def _atom(self) -> str:
        token = self._take()
        if token in SYMBOLS:
            return SYMBOLS[token]
        if token == "{":
            inner = self.row()
            self._close("}")
            return inner
        if token.startswith("«"):
            role, _, _ = token[1:].partition(":")
            inner = self.row() if token.endswith(":") else _named(role)
            self._close("»")
            return f'<mrow class="role-{role}">{inner}</mrow>'
        if token.startswith(r"\text"):
            return f"<mtext>{escape(token[6:-1])}</mtext>"
        if token == BEGIN:
            return self._aligned()
        if token == r"\frac":
            return f"<mfrac>{self._atom()}{self._atom()}</mfrac>"
        if token == r"\hat":
            return f'<mover accent="true">{self._atom()}<mo>^</mo></mover>'
        if not token or token.startswith("\\") or token in "_^&»}":
            raise ValueError(f"{token or 'The end'!r} is not known here: {self._latex!r}.")
        tag = "mn" if token[0].isdigit() else "mi" if token.isalpha() else "mo"
        return f"<{tag}>{escape(token)}</{tag}>"

    def _aligned(self) -> str:
        lines = [""]
        while self.token != END:
            lines[-1] += f"<mtd>{self.row()}</mtd>"
            if self.token == "&":
                self._take()
            elif self.token.startswith(LINE):
                self._take()
                lines.append("")
            elif self.token != END:
                raise ValueError(f"An {END!r} is missing in {self._latex!r}.")
        self._take()
        rows = "".join(f"<mtr>{line}</mtr>" for line in lines)
        return f'<mtable displaystyle="true">{rows}</mtable>'


def _named(role: str) -> str:
    return f"<mi>{role}</mi>" if len(role) == 1 else f"<mtext>{role}</mtext>"
