"""The page as its visitors meet it, without a browser: opened by a link, looked at, and moved on."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[3] / "dashboard" / "app.py"


def open_page(**query: str | list[str]) -> AppTest:
    """With *More* open."""
    page = AppTest.from_file(APP, default_timeout=60)
    page.session_state["more"] = True
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def watched(page: AppTest):
    """The base."""
    return page.session_state["watching"].runs[0]


def widget(kind, name: str):
    """The widget of this kind that is bound to a field: `learning_rate`, or `learning_rate_slider` beside it."""
    return next(element for element in kind if element.key.rpartition("-")[0] == name)


def sentences(page: AppTest) -> str:
    """What the page complains of; backslashes only keep Markdown from reading it."""
    return "\n".join(warning.value for warning in page.warning).replace("\\", "")


def press_train(page: AppTest) -> AppTest:
    next(button for button in page.button if button.label == "Train").click()
    return run(page)


def link(page: AppTest) -> dict[str, str]:
    return {name: values[0] if isinstance(values, list) else values for name, values in page.query_params.items()}
