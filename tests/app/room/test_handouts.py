"""Chapters and mistakes as a follower's phone gets them: all that the pages have, and no answer before its time."""

from __future__ import annotations

import asyncio
import gzip
import math
import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from threading import Barrier, Event, Semaphore
from xml.etree import ElementTree

import plotly.graph_objects as go
import pytest

from core.course import CHAPTERS, run_cell, running
from core.mistakes import MISTAKES
from dashboard.room.handout.chapter import chapter_handout, outcome_handout, outcome_takes_long
from dashboard.room.handout.formula import mathml
from dashboard.room.handout.kept import Handouts, shared_handouts
from dashboard.room.handout.mistake import mistake_handout
from dashboard.room.handout.picture import picture
from dashboard.room.handout.prose import prose
from dashboard.shared.palette import LIGHT, ROLES
from dashboard.shared.still_charts import curve, still_chart

ROOT = Path(__file__).parents[3]
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
each_mistake = pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
FORMULAS = [cell.formula for chapter in CHAPTERS for cell in chapter.cells if cell.formula]

VOID = {"br"}


class Read(HTMLParser):
    """A fragment of HTML as a browser reads it; fails where an element is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.code: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag == "pre":
            self.code.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if "pre" in self.open:
            self.code[-1] += data

    def values(self, name: str) -> list[str | None]:
        return [value for one, value in self.attributes if one == name]


# --- chapters ---------------------------------------------------------------------------------------------


@each_chapter
def test_chapter_has_its_cells_with_their_code_and_their_questions(chapter):
    read = Read(chapter_handout(chapter.name))
    assert chapter.title in read.text
    assert read.code[0] == chapter.preparation.strip()
    assert read.code[1:] == [cell.source().strip("\n") for cell in chapter.cells]
    for cell in chapter.cells:
        assert cell.title in read.text
        if cell.question:
            assert cell.question.text.replace("`", "") in read.text
            assert [option for option in cell.question.options if option.replace("`", "") not in read.text] == []


@each_chapter
def test_chapter_holds_nothing_that_came_of_a_cell_that_asks(chapter):
    handout = chapter_handout(chapter.name)
    for cell in chapter.cells:
        assert cell.question  # or its outcome would stand in the chapter, and this test would have to look between
        outcome = run_cell(chapter, cell)
        conclusion = prose(outcome.conclusion)
        assert not conclusion or conclusion not in handout
    assert {"printed", "answer", "error", "warning", "memory"}.isdisjoint(Read(handout).values("class"))
    assert "<svg" not in handout
    assert Read(handout).values("data-outcome") == [cell.name for cell in chapter.cells]


@each_chapter
def test_outcome_is_what_the_page_shows_after_a_prediction(chapter):
    for cell in chapter.cells:
        outcome = run_cell(chapter, cell)
        read = Read(outcome_handout(chapter.name, cell.name))
        assert outcome.answer.replace("`", "") in read.text
        error = [": ".join(outcome.error)] if outcome.error else []
        printed = [outcome.printed.strip("\n")] if outcome.printed else []
        assert read.code == [*printed, *error, *outcome.warned]
        assert read.tags.count("figure") == (1 if outcome.plot else 0)
        assert ("memory" in read.values("class")) == bool(outcome.memory)


@each_mistake
def test_mistake_has_its_attempts_with_what_came_of_them_and_the_cure(mistake):
    read, outcomes = Read(mistake_handout(mistake.name)), mistake.run()
    for text in (mistake.question, mistake.look_for, mistake.cure):
        assert text.replace("`", "").replace("**", "") in read.text
    for attempt, outcome in zip(mistake.attempts, outcomes, strict=True):
        assert attempt.label in read.text
        assert attempt.source.strip("\n") in read.code
        if outcome.error:
            assert outcome.error in read.code
        if outcome.printed:
            assert "\n".join(outcome.printed) in read.code
        assert [warning for warning in outcome.warned if warning not in read.code] == []


def test_what_there_is_not_is_no_handout():
    assert chapter_handout("nothing") is None
    assert outcome_handout("nothing", "line") is None
    assert outcome_handout("data", "nothing") is None
    assert mistake_handout("nothing") is None


def test_handouts_hold_no_script_nothing_to_change_and_nothing_from_elsewhere():
    fragments = [chapter_handout(chapter.name) for chapter in CHAPTERS]
    fragments += [outcome_handout(chapter.name, cell.name) for chapter in CHAPTERS for cell in chapter.cells]
    fragments += [mistake_handout(mistake.name) for mistake in MISTAKES]
    for fragment in fragments:
        read = Read(fragment)
        assert {"script", "style", "input", "button", "img", "a", "iframe"}.isdisjoint(read.tags)
        assert not [name for name, _ in read.attributes if name.startswith("on") or name in ("href", "src", "style")]


# --- sentences and formulas -------------------------------------------------------------------------------


def test_sentences_become_html_and_nothing_in_them_does():
    assert prose("«b» and «loss:L», «gradient»") == (
        '<i class="role-b">b</i> and <i class="role-loss">L</i>, <strong class="role-gradient">gradient</strong>'
    )
    assert prose("a **mean of `x`** of `«b» < 1`") == (
        "a <strong>mean of <code>x</code></strong> of <code>«b» &lt; 1</code>"
    )
    assert prose("1 < 2 & <script>") == "1 &lt; 2 &amp; &lt;script&gt;"
    assert prose("2 * 3 ** 4") == "2 * 3 ** 4"


def test_texts_use_no_markdown_that_would_be_shown_as_it_is():
    texts = [text for mistake in MISTAKES for text in (mistake.question, mistake.look_for, mistake.cure)]
    for chapter in CHAPTERS:
        for cell in chapter.cells:
            texts += [cell.text, run_cell(chapter, cell).conclusion, cell.question.text if cell.question else ""]
    for text in texts:
        plain = re.sub(r"<code>.*?</code>", "", prose(text))
        assert not re.search(r"[«»`]|\*\*|\]\(|\$|^#|\n", plain), text


def test_formula_as_mathml():
    assert mathml(r"\hat y_i = «b» + «w»\,x_i^2") == (
        '<math display="block"><mrow><msub><mover accent="true"><mi>y</mi><mo>^</mo></mover><mi>i</mi></msub><mo>=</mo>'
        '<mrow class="role-b"><mi>b</mi></mrow><mo>+</mo><mrow class="role-w"><mi>w</mi></mrow>'
        '<mspace width="0.17em"/><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></mrow></math>'
    )
    assert mathml(r"\frac{1}{n}") == '<math display="block"><mfrac><mn>1</mn><mi>n</mi></mfrac></math>'


@pytest.mark.parametrize("latex", FORMULAS)
def test_every_formula_of_the_course_is_read(latex):
    root = ElementTree.fromstring(mathml(latex))
    shown = "".join(root.itertext())
    assert not set(shown) & set("\\{}«»&_")
    fractions = sum(one.tag == "mfrac" for one in root.iter())
    assert fractions == latex.count(r"\frac")
    roles = sum(one.get("class", "").startswith("role-") for one in root.iter())
    assert roles == latex.count("«")
    for symbol, command in {"∑": r"\sum", "∂": r"\partial", "η": r"\eta", "←": r"\leftarrow"}.items():
        assert shown.count(symbol) == len(re.findall(rf"{re.escape(command)}(?![a-z])", latex))


@pytest.mark.parametrize("latex", [r"\int x", r"\frac{1}", "x }", "«b", r"\begin{aligned} x", "x_"])
def test_latex_that_is_not_known_is_an_error(latex):
    with pytest.raises(ValueError, match=re.escape(latex.replace("\\", "\\\\"))):
        mathml(latex)


# --- charts -----------------------------------------------------------------------------------------------


def chart(*traces, **layout) -> go.Figure:
    return still_chart(traces, "Loss & more", "epoch", "loss", LIGHT, **layout)


def drawn(svg: str, kind: str) -> list[tuple[float, float]]:
    """The places of the first path of that kind."""
    (path, *_) = re.findall(rf'<path class="{kind} [^>]* d="([^"]*)"', svg)
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def test_curve_runs_between_the_axes_in_the_colour_of_its_role():
    svg = picture(chart(curve("mean", [0, 1, 2], [0, 5, 10], LIGHT["loss"]), ranges=((0, 2), (0, 10))))
    # From the left of a width of 360 with edges of 46 and 8, and from the bottom of a height of 220 with 8 and 34.
    assert drawn(svg, "line") == [(46, 186), (199, 97), (352, 8)]
    assert 'class="line role-loss"' in svg
    assert '<li class="role-loss"><span>mean</span></li>' in svg
    assert 'aria-label="Chart: Loss &amp; more."' in svg


def test_logarithmic_axis_has_powers_of_ten_and_no_place_for_zero():
    losses = [100.0, 1.0, 0.0, math.inf, 0.01]
    svg = picture(chart(curve("loss", range(5), losses, LIGHT["loss"]), logarithmic=True))
    places = drawn(svg, "line")
    assert len(places) == 3
    (_, highest), (_, middle), (_, lowest) = places
    assert middle == pytest.approx((highest + lowest) / 2, abs=0.1)
    assert {"100", "1", "0.01"} <= set(re.findall(r">([\d.]+)</text>", svg))
    (path,) = re.findall(r'<path class="line [^>]* d="([^"]*)"', svg)
    assert path.count("M") == 2


def test_points_are_dots_and_the_minimum_is_a_star():
    points = curve("points", [1, 2], [3, 4], LIGHT["data"], mode="markers", marker={"color": LIGHT["data"]})
    star = curve("lowest", [1], [3], LIGHT["b"], mode="markers", marker={"symbol": "star", "color": LIGHT["minimum"]})
    svg = picture(chart(points, star))
    assert len(drawn(svg, "dots")) == 2
    assert re.search(r'<text class="mark role-minimum"[^>]*>★</text>', svg)
    assert 'class="line' not in svg


def test_curve_of_one_value_has_a_place():
    svg = picture(chart(curve("flat", [3], [7.0], LIGHT["b"])))
    assert drawn(svg, "line") == [(199, 97)]


def test_every_role_has_its_colour_on_the_page():
    css = (ROOT / "dashboard" / "static" / "room" / "reading.css").read_text()
    styled = set(re.findall(r"^\.handout \.role-([\w-]+) \{\n  color: var\(--lab-\1\);", css, re.MULTILINE))
    used = set()
    for fragment in [mistake_handout(one.name) for one in MISTAKES] + [
        text
        for chapter in CHAPTERS
        for text in (chapter_handout(chapter.name), *(outcome_handout(chapter.name, one.name) for one in chapter.cells))
    ]:
        used |= set(re.findall(r"role-([\w-]+)", fragment))
    assert used <= styled <= set(ROLES)


# --- kept -------------------------------------------------------------------------------------------------


def test_handout_is_made_once_however_many_ask():
    made = []

    def make(name):
        made.append(name)
        return f"<p>{name}</p>"

    async def all_ask():
        return await asyncio.gather(*(handouts.find("chapter", "data") for _ in range(100)))

    handouts = Handouts(chapter=make)
    found = asyncio.run(all_ask())
    assert made == ["data"]
    assert len(set(map(id, found))) == 1


def test_those_that_take_long_are_made_one_by_one_and_nothing_else_waits_for_them():
    begun, go_on, made = Semaphore(0), Event(), []

    def make(name):
        begun.release()
        assert go_on.wait(30)
        made.append(name)
        return name

    async def ask():
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
        handouts = Handouts(lambda kind, *_: kind == "outcome", outcome=make, chapter=lambda name: name)
        slow = [asyncio.create_task(handouts.find("outcome", name)) for name in "abcde"]
        try:
            assert await asyncio.to_thread(begun.acquire, timeout=30)
            assert await asyncio.wait_for(handouts.find("chapter", "data"), 30)
            assert made == []
            assert not begun.acquire(blocking=False)
        finally:
            go_on.set()
        await asyncio.gather(*slow)

    asyncio.run(ask())
    assert made == list("abcde")


def test_outcomes_for_which_processes_have_to_run_take_long_until_they_are_kept(monkeypatch):
    monkeypatch.setattr(running, "_kept", {})
    assert not outcome_takes_long("data", "line")
    assert not outcome_takes_long("processes", "nothing")
    assert not outcome_takes_long("nothing", "line")
    assert outcome_takes_long("processes", "loop")
    monkeypatch.setattr(running, "_run", lambda *_: running.Outcome("", "", {}))
    assert outcome_handout("processes", "loop") == ""
    assert not outcome_takes_long("processes", "loop")


def test_what_there_is_not_is_not_kept():
    handouts = Handouts(chapter=lambda name: None)

    async def ask():
        return [await handouts.find("chapter", f"{number}") for number in range(10)]

    assert asyncio.run(ask()) == [None] * 10
    assert handouts._kept == {}


def test_handout_whose_making_failed_is_made_again():
    tries = iter([OSError("no"), None])

    def make(name):
        if error := next(tries):
            raise error
        return name

    async def ask():
        handouts = Handouts(chapter=make)
        with pytest.raises(OSError, match="no"):
            await handouts.find("chapter", "data")
        return await handouts.find("chapter", "data")

    assert asyncio.run(ask()) is not None


def test_who_leaves_takes_it_from_nobody():
    go_on = Barrier(2)

    def make(name):
        go_on.wait(30)
        return name

    async def ask():
        handouts = Handouts(chapter=make)
        first = asyncio.create_task(handouts.find("chapter", "data"))
        second = asyncio.create_task(handouts.find("chapter", "data"))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.to_thread(go_on.wait, 30)
        return await second

    assert asyncio.run(ask()) is not None


def test_handout_is_sent_packed_and_only_if_it_is_new():
    async def answer(**headers):
        sent = []

        async def send(message):
            sent.append(message)

        kept = await shared_handouts.find("mistake", "update")
        given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await kept({"type": "http", "method": "GET", "headers": given}, None, send)
        start, *bodies = sent
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return start["status"], headers, b"".join(one.get("body", b"") for one in bodies)

    async def both():
        status, headers, body = await answer(accept_encoding="gzip")
        return (status, headers, body), await answer(if_none_match=headers["etag"])

    (status, headers, body), again = asyncio.run(both())
    assert (status, headers["content-type"], headers["content-encoding"]) == (200, "text/html; charset=utf-8", "gzip")
    assert gzip.decompress(body).decode() == mistake_handout("update")
    assert (again[0], again[2]) == (304, b"")
