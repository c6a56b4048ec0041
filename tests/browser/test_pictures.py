"""The charts as they look, compared with pictures that are kept: whoever changes one sees it, and so does the reviewer.

A picture is a sheet of charts as SVG, drawn by plotly and by the stage's own painter. To renew them:

    rm tests/browser/pictures/*.svg; pytest tests/browser/test_pictures.py

A picture that is missing is written, and fails its test until it is there; one that differs is left in `failures/`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from xml.etree import ElementTree

import plotly
import pytest
import streamlit
from playwright.sync_api import Page

from core import Dataset, Experiment, History, make_dataset, read_table, repeat_epoch, train
from dashboard.shared.palette import DARK, LIGHT
from dashboard.stage.scene import make_scene

HERE = Path(__file__).parent
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
(FONT,) = (Path(streamlit.__file__).parent / "static").rglob("SourceSansVF-Upright*.woff2")
WIDTH, HEIGHT, HEADING = 320, 200, 24

TOLERANCE = 0.25
"""Pixels by which places may differ: processors round sums and logarithms differently, and browsers measure text so."""

NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
PLACES = {"d", "x", "y", "x1", "x2", "y1", "y2", "transform", "width", "height", "viewBox"}
"""The attributes whose numbers are places; of all others every character counts."""

SVG = "http://www.w3.org/2000/svg"


@dataclass(frozen=True)
class Case:
    experiment: Experiment
    k: int
    beat: str = ""
    dark: bool = False
    table: str = ""
    """The contents of a CSV file with two columns, where the points are not those of the experiment's line."""

    def dataset(self) -> Dataset:
        if not self.table:
            return make_dataset(self.experiment)
        table = read_table(self.table.encode(), "own.csv")
        return table.dataset(*table.columns, self.experiment)


BATCHES = Experiment(n=20, epochs=60, noise=1.0, method="module", optimizer="adam", batch_size=4)
HOSTILE = "<b>dose</b> & 'more',\u202e%{x} $\\alpha$\n" + "".join(f"{20 + i},{3 * i * i - 40}\n" for i in range(12))

CASES = {
    "default": Case(Experiment(), 30),
    "diverging": Case(Experiment(learning_rate=1.1, epochs=14), 8),
    "swinging-dark": Case(Experiment(learning_rate=0.3, batch_size=1, epochs=400), 380, dark=True),
    "loss": Case(Experiment(n=20, epochs=200), 4, "loss"),
    "own-table-dark": Case(Experiment(learning_rate=1e-4, epochs=50, reduction="sum"), 20, dark=True, table=HOSTILE),
    "mini-batches-backward-dark": Case(BATCHES, 25, "backward", dark=True),
    "mini-batches-update": Case(BATCHES, 25, "update"),
}


@pytest.fixture(scope="module")
def page(blank_page):
    """A page with plotly, and with a font that is the same everywhere."""
    page = blank_page
    page.route("**/font.woff2", lambda route: route.fulfill(path=FONT))
    page.add_script_tag(path=PLOTLY)
    page.add_script_tag(path=HERE / "sheet.js")
    page.evaluate(
        """async () => {
            document.documentElement.style.fontFamily = "Source Sans";
            document.fonts.add(await new FontFace("Source Sans", "url(/font.woff2)", {weight: "200 900"}).load());
        }"""
    )
    return page


@pytest.mark.parametrize("name", CASES)
def test_charts_look_as_in_the_picture_that_is_kept(page, name):
    path = HERE / "pictures" / f"{name}.svg"
    drawn = picture(page, CASES[name])
    if not path.exists():
        path.write_text(drawn)
        pytest.fail(f"There was no picture {path}. There is one now: look at it, and commit it.")
    kept = path.read_text()
    if not alike(drawn, kept):
        failed = HERE / "failures" / f"{name}.svg"
        failed.parent.mkdir(exist_ok=True)
        failed.write_text(drawn)
        pytest.fail(f"{failed} does not look like {path}:\n{difference(kept, drawn)}")


def test_pictures_are_those_of_the_cases():
    assert {path.stem for path in (HERE / "pictures").iterdir()} == set(CASES)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('<path d="M1.0,2.0"/>', '<path d="M1.2,1.9"/>', True),
        ('<path d="M1.0,2.0"/>', '<path d="M1.5,2.0"/>', False),
        ('<path d="M1.0,2.0"/>', '<path d="M1.0,2.0L3.0,4.0"/>', False),
        ('<g style="stroke-width: 1.6px"/>', '<g style="stroke-width: 1.8px"/>', False),
        ("<text>10</text>", "<text>10.1</text>", False),
        ("<g/>", "<g/>\n<g/>", False),
    ],
)
def test_pictures_are_alike_whose_places_hardly_differ(one, other, same):
    assert alike(one, other) == same


def picture(page: Page, case: Case) -> str:
    """The charts of the case as one SVG, an element a line."""
    dataset = case.dataset()
    history, training = History(), train(case.experiment, dataset)
    for record in training:
        history.append(record, training.state)
    repeated = repeat_epoch(case.experiment, dataset, history, case.k)
    given = {
        "scene": json.loads(make_scene(case.experiment, dataset)),
        "columns": {name: list(values) for name, values in history.columns().items() if name != "epoch"},
        "aside": dict(zip(("batch_b_grad", "batch_w_grad"), repeated.gradient, strict=True)),
        "k": case.k,
        "beat": case.beat,
        "dark": case.dark,
    }
    charts = page.evaluate(f"given => drawSheet(given, {WIDTH}, {HEIGHT})", given)
    palette = DARK if case.dark else LIGHT
    rows = (len(charts) + 1) // 2
    sheet = ElementTree.Element("svg", xmlns=SVG, viewBox=f"0 0 {2 * WIDTH} {rows * (HEIGHT + HEADING)}")
    ElementTree.SubElement(sheet, "rect", width="100%", height="100%", fill=palette["background"])
    for i, (heading, drawn) in enumerate(charts):
        place = f"translate({i % 2 * WIDTH},{i // 2 * (HEIGHT + HEADING)})"
        chart = ElementTree.SubElement(sheet, "g", transform=place)
        style = "font: 600 15px sans-serif"
        ElementTree.SubElement(chart, "text", x="8", y="17", fill=palette["text"], style=style).text = heading
        inner = ElementTree.fromstring(plain(drawn, f"chart{i}"))
        inner.set("y", str(HEADING))
        chart.append(inner)
        shorten(inner)
    ElementTree.indent(sheet, " ")
    return ElementTree.tostring(sheet, encoding="unicode", short_empty_elements=True) + "\n"


def plain(svg: str, name: str) -> str:
    """Without namespaces, and with names that are the same every time for plotly's random ones."""
    svg = re.sub(r' xmlns(:\w+)?="[^"]*"| trace[0-9a-f]{6}(?=")', "", svg).replace("xlink:", "")
    ids = dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg))
    for number, found in enumerate(ids):
        svg = re.sub(rf'(id="|#){re.escape(found)}\b', rf"\g<1>{name}-{number}", svg)
    return svg


def shorten(element: ElementTree.Element) -> None:
    """Leave out what is not seen, and all but one digit behind the point of places."""
    for child in list(element):
        shorten(child)
        hidden = " opacity: 0;" in f" {child.get('style')}"
        empty = child.tag in ("g", "defs", "clipPath") and not len(child)
        if hidden or empty:
            element.remove(child)
    for name, value in element.attrib.items():
        if name in PLACES:
            element.set(name, NUMBER.sub(lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), value))


def alike(one: str, other: str) -> bool:
    """Whether two pictures have the same lines, but for places that differ by no more than is seen."""
    lines, others = one.splitlines(), other.splitlines()
    return len(lines) == len(others) and all(map(lines_alike, lines, others))


def lines_alike(one: str, other: str) -> bool:
    if one == other:
        return True
    places = re.compile(rf' ({"|".join(PLACES)})="([^"]*)"')
    if places.sub("", one) != places.sub("", other):
        return False
    numbers, others = (
        [float(x) for _, value in places.findall(line) for x in NUMBER.findall(value)] for line in (one, other)
    )
    return len(numbers) == len(others) and all(abs(a - b) <= TOLERANCE for a, b in zip(numbers, others, strict=True))


def difference(kept: str, drawn: str) -> str:
    """The lines that are not alike, each cut to what fits a screen."""
    lines, others = kept.splitlines(), drawn.splitlines()
    # What is alike is made equal first, so that only what differs is listed.
    if len(lines) == len(others):
        others = [line if lines_alike(line, other) else other for line, other in zip(lines, others, strict=True)]
    return "\n".join(line[:300] for line in list(unified_diff(lines, others, "kept", "drawn", n=1, lineterm=""))[:60])
