"""Whether a widget asked for the present rerun.

The browser may send a link that is older than the click it comes with, so such a rerun follows no link. The mark is
kept by thread and not in the session: a rerun starts while the former one still ends.
"""

from __future__ import annotations

import threading

__all__ = ["asked_by_widget", "widget_asked"]

_this_rerun = threading.local()


def widget_asked() -> None:
    """To be called by the callback of every widget."""
    _this_rerun.widget = True


def asked_by_widget() -> bool:
    """Whether a widget has called since this was last asked."""
    by_widget, _this_rerun.widget = getattr(_this_rerun, "widget", False), False
    return by_widget
