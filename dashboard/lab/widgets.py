"""The kinds of control: a slider with a field beside it, a field for a number, a choice; each tied to its field."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.experiment import PARAMETERS
from core.parameters import Real, Whole
from dashboard.lab.comparing import shown_fields
from dashboard.lab.fields import bound

__all__ = ["ROW", "choice", "ladder", "logarithmic", "plain_number", "slider_and_number"]

ROW = "row-"
"""How the keys of rows begin that hold a slider and its number: the sidebar's style keeps them in one line."""

NUMBER_WIDTH = 92
"""Pixels of the field beside a slider."""


def logarithmic(
    name: str, label: str, ladder: list[float], *, disabled: bool = False, more_help: str = ""
) -> DeltaGenerator:
    """`slider_and_number` over the rungs of a ladder."""
    kind = PARAMETERS[name]
    whole = isinstance(kind, Whole)
    value = shown_fields()[name]
    step = 1 if whole else 10.0 ** (floor(log10(value)) - 1)
    rungs = [int(rung) for rung in ladder] if whole else ladder
    return slider_and_number(name, label, rungs, step, disabled, more_help)


def slider_and_number(
    name: str, label: str, rungs: Sequence[float], step: float, disabled: bool, more_help: str = ""
) -> DeltaGenerator:
    """A slider over `rungs` for the hand, and beside it a field that takes every value exactly. Returns their row."""
    kind = PARAMETERS[name]
    assert isinstance(kind, Whole | Real)
    value = shown_fields()[name]
    # The value itself is always a rung, wherever it came from.
    options = sorted({*rungs, value})
    # Not columns: each would be a message of its own to every browser.
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"{ROW}{name}")
    row.select_slider(
        label,
        options,
        value,
        format_func=_short,
        help=f"{kind.help[0].upper()}{kind.help[1:]}.\n\n{more_help}".rstrip(),
        disabled=disabled,
        **bound(name, f"{name}_slider"),
    )
    row.number_input(
        f"{label}, exactly",
        min_value=kind.low,
        max_value=kind.high,
        value=value,
        step=step,
        format="%d" if isinstance(kind, Whole) else "%.6g",
        label_visibility="collapsed",
        width=NUMBER_WIDTH,
        disabled=disabled,
        **bound(name),
    )
    return row


def ladder(low: float, high: float, steps: Sequence[float]) -> list[float]:
    """The values step · 10^k within the bounds, ascending."""
    decades = range(floor(log10(low)), floor(log10(high)) + 1)
    rungs = [float(f"{step}e{decade}") for decade in decades for step in steps]
    return [rung for rung in rungs if low <= rung <= high]


def _short(value: float) -> str:
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u202f")
    return f"{value:.6g}"


def choice(name: str, label: str, options: Sequence[str], names: dict[str, str]) -> None:
    chosen = options.index(shown_fields()[name])
    st.selectbox(label, options, chosen, format_func=names.__getitem__, **bound(name))


def plain_number(name: str, label: str, *, step: float = 0.1, empty: str | None = None, disabled: bool = False) -> None:
    """A field for a number. Where it may be left empty, `empty` says what that means."""
    kind = PARAMETERS[name]
    assert isinstance(kind, Whole | Real)
    whole = isinstance(kind, Whole)
    st.number_input(
        label,
        min_value=kind.low,
        max_value=kind.high,
        value=shown_fields()[name],
        step=1 if whole else step,
        format="%d" if whole else "%.6g",
        placeholder=empty,
        help=None if empty is None else f"{kind.help[0].upper()}{kind.help[1:]}.",
        disabled=disabled,
        **bound(name),
    )
