"""A cell of the course on the page: text, something to change, code, what to predict, and what came of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.course import BY_NAME, Cell, Chapter, Control, Outcome, is_kept, run_cell
from dashboard.course.charts import draw
from dashboard.course.memory_picture import draw_memory
from dashboard.course.progress import Look, chosen_values, forget, look_at_cell, looks, progress_changed
from dashboard.shared.reruns import widget_asked
from dashboard.shared.still_charts import Palette
from dashboard.shared.typesetting import formula, sentence
from dashboard.shared.verbatim import verbatim

__all__ = ["show_cell"]


@st.cache_resource(show_spinner=False, max_entries=512)
def outcome_of(chapter: str, cell: str, chosen: tuple[tuple[str, Any], ...]) -> Outcome:
    """Run the cell. The outcome is always the same, so once is enough."""
    found = next(one for one in BY_NAME[chapter].cells if one.name == cell)
    return run_cell(BY_NAME[chapter], found, dict(chosen))


@st.fragment
def show_cell(chapter_name: str, position: int, palette: Palette) -> None:
    """One idea: text, something to change, code, what to predict, and what came of it."""
    if progress_changed():
        st.rerun()  # the whole page: the list of chapters shows how far one is
    chapter = BY_NAME[chapter_name]
    cell = chapter.cells[position]
    name = f"{chapter.name}/{cell.name}"
    st.subheader(cell.title, anchor=False)
    left, right = st.columns([0.58, 0.42], gap="medium")
    with left:
        st.markdown(sentence(cell.text, palette), unsafe_allow_html=True)
        if cell.formula:
            st.latex(formula(cell.formula, palette))
        chosen = show_controls(chapter, cell)
        chosen_values(chapter)[cell.name] = chosen
        with st.container(key=f"code-{cell.name}"):
            st.code(cell.source(chosen), wrap_lines=True)
    with right:
        outcome = run(chapter, cell, chosen) if not cell.apart or name in looks() else None
        known = ask(name, cell, outcome)
        if known and outcome:
            show_outcome(name, cell, outcome, palette)
    if known and outcome and outcome.memory:
        left.html(draw_memory(outcome.memory))


def run(chapter: Chapter, cell: Cell, chosen: dict[str, Any]) -> Outcome | None:
    """What comes of the cell. None, and a sentence on the page, where its own processes did not get to their end."""
    choice = tuple(chosen.items())
    if is_kept(chapter, cell, chosen):
        return outcome_of(chapter.name, cell.name, choice)
    try:
        with st.spinner("Two processes start, and meet."):
            return outcome_of(chapter.name, cell.name, choice)
    except ChildProcessError as error:
        st.warning(verbatim(str(error)), icon=":material/error:")
        st.button("Run it again", key=f"{chapter.name}/{cell.name}#retry", on_click=widget_asked)
        return None


def show_controls(chapter: Chapter, cell: Cell) -> dict[str, Any]:
    """The widgets of the cell's controls, sliders beside one another, and their values."""
    sliders = [control for control in cell.controls if not isinstance(control.default, str)]
    places = iter(st.columns(len(sliders), gap="medium")) if sliders else iter(())
    chosen = {}
    for control in cell.controls:
        with next(places) if control in sliders else st.container():
            chosen[control.name] = show_control(chapter, cell, control)
    return chosen


def show_control(chapter: Chapter, cell: Cell, control: Control) -> Any:
    """The widget of a control, and its value."""
    key = f"{chapter.name}/{cell.name}/{control.name}"
    at = control.options.index(control.default)
    if isinstance(control.default, str):
        return st.radio(
            control.label, control.options, at, format_func=_as_code, key=key, horizontal=True, persist_state="session"
        )
    return st.select_slider(control.label, control.options, control.default, key=key, persist_state="session")


def _as_code(expression: object) -> str:
    return f"`{expression}`"


def ask(name: str, cell: Cell, outcome: Outcome | None) -> bool:
    """Ask what will happen, or say what was predicted. True if the outcome is to be shown.

    Of a cell that runs only when somebody looks there is no outcome yet, and what is true is noted when there is.
    """
    question, look = cell.question, looks().get(name)
    if question is None:
        looks().setdefault(name, Look("", ""))
        return True
    if look is None:
        truth = outcome.answer if outcome else ""
        with st.container(key=f"ask-{cell.name}"):
            st.markdown(f"**{question.text}**")
            with st.container(horizontal=True):
                for option in question.options:
                    _look_button(option, f"{name}#predict/{option}", name, option, truth)
                _look_button("Just look", f"{name}#look", name, "", truth, type="tertiary")
        return False
    if outcome is None:
        return True
    if not look.truth:
        look = looks()[name] = Look(look.prediction, outcome.answer)
    said = [question.text]
    if look.prediction:
        agreed = "and so it was" if look.prediction == look.truth else f"and it was **{look.truth}**"
        said.append(f"You said **{look.prediction}**, {agreed}.")
        if outcome.answer != look.truth:  # what was chosen since has changed the answer
            said.append(f"Now it is **{outcome.answer}**.")
    else:
        said.append(f"**{outcome.answer}**.")
    st.markdown(" ".join(said))
    return True


def _look_button(label: str, key: str, name: str, prediction: str, truth: str, **look: Any) -> None:
    st.button(label, key=key, on_click=look_at_cell, args=(name, prediction, truth), **look)


def show_outcome(name: str, cell: Cell, outcome: Outcome, palette: Palette) -> None:
    """All that came of the run."""
    if outcome.printed:
        st.code(outcome.printed.rstrip("\n"), language=None, wrap_lines=True)
    if outcome.error:
        st.error(f"**Line {outcome.failed_line} fails:**")
        st.code(": ".join(outcome.error), language=None, wrap_lines=True)
    for warning in outcome.warned:
        st.warning("**It warns:**")
        st.code(warning, language=None, wrap_lines=True, height=110)
    if outcome.plot:
        st.plotly_chart(
            draw(outcome.plot, palette),
            theme=None,
            config={"displayModeBar": False},
            key=f"{name}#chart",
            alt=f"Chart: {outcome.plot.title}.",
        )
    if outcome.conclusion:
        st.markdown(sentence(outcome.conclusion, palette), unsafe_allow_html=True)
    if cell.question:
        again = {"key": f"{name}#again", "type": "tertiary", "icon": ":material/replay:"}
        st.button("Predict again", on_click=forget, args=(name,), **again)
