"""The link that a room shows, as the lab would understand it."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.lab.asked import AskedRuns, read_runs
from dashboard.lab.comparing import Comparing
from dashboard.lab.read_link import read_link
from dashboard.shared.links import query_of

__all__ = ["ShownLink", "read_shown"]


@dataclass(frozen=True)
class ShownLink:
    """What a link asks for."""

    asked: AskedRuns
    """Its runs; none where even the base cannot be shown, with the sentences that say why."""
    comparing: Comparing
    """How they are shown."""
    front: int
    """The place of the one in front among the runs."""


def read_shown(link: str) -> ShownLink:
    """Understand it, for nobody in particular. What cannot be taken is said in the problems of `asked`."""
    read = read_link(query_of(link))
    asked = read_runs(read.fields, read.comparing.changes, read.problems)
    return ShownLink(asked, read.comparing, asked.place_of(read.comparing.front))
