"""A mistake as a handout: what is asked, every attempt with what PyTorch said of it, and the cure."""

from __future__ import annotations

from html import escape

from core.mistakes import MISTAKES, Attempt, Outcome
from dashboard.mistakes.figures import make_figures
from dashboard.room.handout.picture import picture
from dashboard.room.handout.prose import code, prose
from dashboard.shared.palette import LIGHT

__all__ = ["mistake_handout"]

LONG = 6
"""Printed lines, beyond which they are folded away."""


def mistake_handout(name: str) -> str | None:
    """The mistake with its option at the default; None where there is no such mistake."""
    mistake = next((one for one in MISTAKES if one.name == name), None)
    if mistake is None:
        return None
    outcomes = mistake.run()
    parts = [
        f"<h1>{escape(mistake.title)}</h1>",
        f"<p><strong>{prose(mistake.question)}</strong> {prose(mistake.look_for)}</p>",
        *map(_attempt, mistake.attempts, outcomes),
        *map(picture, make_figures(mistake, outcomes, LIGHT)),
    ]
    if findings := mistake.findings(outcomes):
        parts.append(f"<p>{'<br>'.join(map(prose, findings))}</p>")
    parts.append(f'<p class="cure"><strong>The cure.</strong> {prose(mistake.cure)}</p>')
    return "".join(parts)


def _attempt(attempt: Attempt, outcome: Outcome) -> str:
    parts = [f"<h2>{'✓ ' if attempt.right else ''}{escape(attempt.label)}</h2>", code(attempt.source)]
    if outcome.error:
        epoch = "" if outcome.failed_at is None else f" in epoch {outcome.failed_at}"
        parts.append(
            f"<p><strong>Failed{epoch}, line {outcome.failed_line}:</strong></p>{code(outcome.error, 'error')}"
        )
    elif outcome.stop and outcome.failed_at is not None:
        parts.append(f'<p class="error">{escape(outcome.stop.message)}</p>')
    printed = code("\n".join(outcome.printed), "printed")
    lines = sum(one.count("\n") + 1 for one in outcome.printed)
    if not lines:
        parts.append("<p>It printed nothing.</p>")
    elif lines <= LONG:
        parts.append(f"<p>It printed</p>{printed}")
    else:
        parts.append(f"<details><summary>It printed {lines} lines</summary>{printed}</details>")
    for warning in outcome.warned:
        parts.append(f"<p><strong>PyTorch warns:</strong></p>{code(warning, 'warning')}")
    return f"<section>{''.join(parts)}</section>"
