"""The panels in a link: what is written is read back, and what there is not is told in a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dashboard
from dashboard.stage.panels import (
    MOST_PROJECTED,
    PANELS,
    PROJECTED,
    are_panels,
    are_projected,
    read_panels,
    read_projected,
    write_panels,
)


@given(st.lists(st.sampled_from(PANELS), min_size=1, unique=True))
def test_panels_come_back_from_a_link_in_their_own_order(names):
    shown, problem = read_panels(",".join(names))
    assert not problem
    assert set(shown) == set(names)
    assert shown == tuple(sorted(shown, key=PANELS.index))
    assert are_panels(shown)
    assert read_panels(write_panels(shown)) == (shown, "")


@pytest.mark.parametrize(
    "text", ["surface,data", " data , surface ", "data,surface,data", "DATA,Surface", ",data,,surface,"]
)
def test_spaces_order_case_and_repetition_make_no_difference(text):
    assert read_panels(text) == (("data", "surface"), "")


@pytest.mark.parametrize("text", ["", " ", ",", ", ,"])
def test_an_empty_list_shows_all(text):
    assert read_panels(text) == (PANELS, "")


@pytest.mark.parametrize(
    ("text", "shown", "words"),
    [
        ("data,chart", ("data",), "There is no panel 'chart'; there are data, surface, "),
        ("chart", PANELS, "There is no panel 'chart'; there are data, surface, "),
        ("a,data,b", ("data",), "There is no panel 'a' and no panel 'b'; there are data, "),
        ("a,b,c", PANELS, "There is no panel 'a' and no panel 'b' and others; there are data, "),
        ("x" * 5000, PANELS, "There is no panel 'xxx"),
    ],
)
def test_an_unknown_name_is_left_out_with_a_sentence_that_lists_the_names(text, shown, words):
    found, problem = read_panels(text)
    assert found == shown
    assert problem.startswith(words)
    assert all(name in problem for name in PANELS)
    assert problem.endswith("Leaving that out." if shown != PANELS else "Showing all.")
    assert len(problem) < 300


@pytest.mark.parametrize("value", [None, "", "data", [], {}, 1, ["chart"], ["data", 1], [["data"]], ["data", None]])
def test_what_is_no_list_of_panels_is_none(value):
    assert not are_panels(value)


@given(st.lists(st.sampled_from(PROJECTED), max_size=MOST_PROJECTED, unique=True))
def test_panels_of_the_projector_come_back_from_a_link_in_their_own_order(names):
    shown, problem = read_projected(",".join(names))
    assert not problem
    assert shown == tuple(name for name in PANELS if name in names)
    assert are_projected(list(shown))
    assert read_projected(write_panels(shown)) == (shown, "")


@pytest.mark.parametrize(
    ("text", "shown", "sentence"),
    [
        (
            "graph,code,loss,surface,data",
            ("data", "surface", "loss", "code"),
            "The projector has room for 4 panels, but the link names 5: the first are shown.",
        ),
        (
            "Code,player",
            ("code",),
            f"There is no panel 'player'; there are {', '.join(PROJECTED)}. Leaving that out.",
        ),
        (
            "on",
            (),
            f"There is no panel 'on'; there are {', '.join(PROJECTED)}. Showing the page.",
        ),
    ],
)
def test_what_the_projector_cannot_show_is_told_in_a_sentence(text, shown, sentence):
    assert read_projected(text) == (shown, sentence)


@pytest.mark.parametrize(
    "value", [None, "", "data", {}, 1, ["chart"], ["status"], ["data", 1], [["data"]], [*PROJECTED[:5]]]
)
def test_what_the_projector_cannot_show_is_no_choice(value):
    assert not are_projected(value)


def test_both_halves_know_the_same_panels_in_the_same_order():
    script = Path(dashboard.__file__).parent / "static" / "stage" / "panels" / "shown.js"
    table = script.read_text(encoding="utf-8").partition("const PANELS = {")[2].partition("};")[0]
    assert tuple(re.findall(r"^  (\w+): \"", table, re.MULTILINE)) == PANELS
