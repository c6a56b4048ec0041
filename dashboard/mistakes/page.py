"""The mistakes as a page: which one is chosen, and what is shown of it.

As with the lab's controls, the browser may send a link that is older than the click it comes with: a rerun that
a widget asked for follows no link, and where a link chooses, the list is made anew under another key.
"""

from __future__ import annotations

import streamlit as st

from core.mistakes import MISTAKES, Attempt, Mistake, Outcome
from dashboard.mistakes.figures import make_figures
from dashboard.shared.links import read_choice
from dashboard.shared.page_style import page_palette, style
from dashboard.shared.reruns import asked_by_widget, widget_asked
from dashboard.shared.verbatim import verbatim

__all__ = ["choose", "current_mistake", "show"]

LINK = "mistake"
BY_NAME = {mistake.name: mistake for mistake in MISTAKES}
LONG = 6
"""Printed lines, beyond which they are folded away."""


def choose() -> tuple[Mistake, str]:
    """The list of mistakes, the one that is chosen, and a sentence if the link asks for one that there is not."""
    state = st.session_state
    asked = st.query_params.get_all(LINK)
    by_widget = asked_by_widget()
    if "mistake" not in state or (not by_widget and asked != state["mistake_link"]):
        first, instead = MISTAKES[0].name, "This is the first of them."
        state["mistake"], state["mistake_problem"] = read_choice(LINK, asked, BY_NAME, first, instead)
        state["mistake_link"] = asked
        state["mistake_list"] = state.get("mistake_list", 0) + 1
    key = f"mistake-list-{state['mistake_list']}"
    name = st.sidebar.radio(
        "Mistakes",
        list(BY_NAME),
        list(BY_NAME).index(state["mistake"]),
        format_func=lambda name: BY_NAME[name].title,
        key=key,
        on_change=_chosen,
        args=(key,),
    )
    return BY_NAME[name], state["mistake_problem"]


def current_mistake() -> dict[str, str]:
    """The parameters of a link to the mistake that was looked at last; none before the first."""
    return {LINK: st.session_state["mistake"]} if "mistake" in st.session_state else {}


def _chosen(key: str) -> None:
    """The list was clicked: take the choice over and write it into the link."""
    name = st.session_state.get(key)
    if name is None or key != f"mistake-list-{st.session_state['mistake_list']}":
        return  # Streamlit also calls for a list that is no longer there
    widget_asked()
    st.query_params[LINK] = name
    st.session_state.update(mistake=name, mistake_link=[name], mistake_problem="")


@st.cache_data(show_spinner=False)
def outcomes_of(name: str, chosen: int | None) -> tuple[Outcome, ...]:
    """Run the mistake. The outcome is always the same, so once is enough."""
    return BY_NAME[name].run(chosen)


def show(mistake: Mistake, problem: str = "") -> None:
    """The page of one mistake, from the question to the cure."""
    palette = page_palette()
    # Three columns of code need the width that Streamlit leaves empty, and a size that leaves their lines whole.
    style(
        palette,
        "[data-testid='stMainBlockContainer'] {padding: 3rem 1.5rem 1rem}"
        f"[data-testid='stCode'] code {{font-size: {0.85 if len(mistake.attempts) < 3 else 0.72}rem}}"
        "[data-testid='stCaptionContainer'] * {color: var(--muted) !important}"
        "[data-testid='stCaptionContainer'] {opacity: 1 !important}",
    )
    if problem:
        st.warning(verbatim(problem), icon=":material/error:")
    st.header(mistake.title, anchor=False)
    st.markdown(f"**{mistake.question}** {mistake.look_for}")
    chosen = None
    if option := mistake.option:
        key = f"{mistake.name}-{option.name}"
        chosen = st.slider(option.label, option.low, option.high, option.default, key=key, on_change=widget_asked)
    outcomes = outcomes_of(mistake.name, chosen)
    for column, attempt, outcome in zip(
        st.columns(len(outcomes), gap="small"), mistake.attempts, outcomes, strict=True
    ):
        with column:
            show_attempt(attempt, outcome)
    figures = make_figures(mistake, outcomes, palette)
    if figures:
        for number, (column, figure) in enumerate(zip(st.columns(len(figures), gap="small"), figures, strict=True)):
            column.plotly_chart(
                figure,
                theme=None,
                config={"displayModeBar": False},
                key=f"{mistake.name}-{number}",
                alt=f"Chart: {figure.layout.title.text}.",
            )
    if findings := mistake.findings(outcomes):
        st.markdown("  \n".join(findings))
    st.success(f"**The cure.** {mistake.cure}", icon=":material/check:")


def show_attempt(attempt: Attempt, outcome: Outcome) -> None:
    """The code, what the library said of it in its own words, and what it printed."""
    st.markdown(f"##### {':material/check: ' if attempt.right else ''}{attempt.label}")
    st.code(attempt.source, wrap_lines=True, line_numbers=True)
    if outcome.error:
        st.error(f"**{failure(outcome)}**")
        st.code(outcome.error, language=None, wrap_lines=True)
    elif outcome.stop and outcome.failed_at is not None:
        st.error(verbatim(outcome.stop.message))
    printed = "\n".join(outcome.printed)
    lines = printed.count("\n") + 1
    if not printed:
        st.caption("It printed nothing.")
    elif lines <= LONG:
        st.caption("It printed")
        st.code(printed, language=None, wrap_lines=True)
    else:
        # The charts draw all of it, so it need not keep them off the screen.
        with st.expander(f"It printed {lines} lines"):
            st.code(printed, language=None, wrap_lines=True, height=260)
    for warning in outcome.warned:
        st.warning("**PyTorch warns:**")
        st.code(warning, language=None, wrap_lines=True, height=130)


def failure(outcome: Outcome) -> str:
    """Where the attempt stopped."""
    epoch = "" if outcome.failed_at is None else f" in epoch {outcome.failed_at}"
    return f"Failed{epoch}, line {outcome.failed_line}:"
