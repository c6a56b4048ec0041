"""The lab within another page: it stays embedded, takes no key and no focus, and scrolls nothing around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from playwright.sync_api import Frame, Page, expect
from serving import Line, Server
from stillness import measured, wait_still
from test_course_walk import quiet
from visiting import UNREACHABLE

from core.course import CHAPTERS
from core.mistakes import MISTAKES

EMBEDDED = [("embed", "true"), ("embed_options", "light_theme"), ("embed_options", "show_padding")]
QUERY = "embed=true&embed_options=light_theme&embed_options=show_padding"

SLIDE = """<!doctype html><title>Slides</title>
<body style="margin: 0">
<input aria-label="Notes" style="display: block">
<div style="height: 500px">Above</div>
<div style="transform: scale(0.9); transform-origin: 0 0">{lab}</div>
<div style="height: 2000px">Below</div>
<script>
    window.keys = [];
    addEventListener("keydown", ({{key}}) => keys.push(key));
</script>"""

LINES = {
    "reveal.js": '<iframe src="{address}" width="960" height="540" style="border: 0"></iframe>',
    "Moodle": '<iframe src="{address}" style="width: 100%; height: 540px; border: 0" allow="fullscreen"></iframe>',
    "Jupyter Book": '<iframe src="{address}" width="100%" height="540" loading="lazy"></iframe>',
    "a sandbox": '<iframe src="{address}" width="960" height="540" sandbox="allow-scripts allow-same-origin"></iframe>',
}


def own_of(page: Page) -> list[tuple[str, str]]:
    """What of the address is Streamlit's own."""
    return [(name, text) for name, text in parse_qsl(urlsplit(page.url).query) if name.startswith("embed")]


def ours_of(page: Page) -> dict[str, str]:
    return {name: text for name, text in parse_qsl(urlsplit(page.url).query) if not name.startswith("embed")}


def open_sidebar(page: Page) -> None:
    """Streamlit may remember that it was."""
    wait_still(page)
    if page.get_by_test_id("stExpandSidebarButton").is_visible():
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Course", exact=True).wait_for()


def leads_to(page: Page, path: str, **query: str) -> None:
    """Wait until the address is this one, and it still says that the page is embedded."""
    page.wait_for_function(
        """([path, query]) => {
            const found = [...new URLSearchParams(location.search)].filter(([name]) => !name.startsWith("embed"));
            return location.pathname === path && JSON.stringify(found) === JSON.stringify(Object.entries(query));
        }""",
        arg=[path, query],
    )
    wait_still(page)
    assert own_of(page) == EMBEDDED, page.url


def test_page_stays_embedded_on_every_way(lab):
    stage = lab(f"{QUERY}&epochs=60")
    page = stage.page
    side = page.get_by_test_id("stSidebar")
    stage.rest()
    open_sidebar(page)
    stage.type_number("Epochs, exactly", "70")
    leads_to(page, "/", epochs="70")
    for name, path, query in (
        ("Graph", "/graph", {"epochs": "70"}),
        ("Mistakes", "/mistakes", {}),
        ("Lab", "/", {"epochs": "70"}),
        ("Course", "/course", {}),
    ):
        stage.way(name).click()
        leads_to(page, path, **query)
    first, second = CHAPTERS[:2]
    page.locator(".st-key-all-chapters").get_by_role("link").first.click()
    leads_to(page, "/course", chapter=first.name)
    quiet(page)
    page.keyboard.press("ArrowRight")
    leads_to(page, "/course", chapter=second.name)
    side.get_by_role("link", name="Overview").click()
    leads_to(page, "/course")
    page.locator(".st-key-course").get_by_role("link", name="Open in the lab").first.click()
    leads_to(page, "/", method="numpy", chapter="overview")
    side.get_by_role("link", name="Course").click()
    leads_to(page, "/course")
    stage.way("Mistakes").click()
    page.get_by_test_id("stSidebar").get_by_text(MISTAKES[1].title, exact=True).click()
    leads_to(page, "/mistakes", mistake=MISTAKES[1].name)
    page.reload()
    leads_to(page, "/mistakes", mistake=MISTAKES[1].name)
    open_sidebar(page)
    stage.way("Lab").click()
    stage.press("Start over")
    leads_to(page, "/")
    page.go_back()
    page.wait_for_function("location.pathname === '/mistakes'")
    assert own_of(page) == EMBEDDED


def test_link_of_a_mistake_in_a_chapter_and_an_unknown_chapter_stay_embedded(visitors):
    chapter = next(chapter for chapter in CHAPTERS if chapter.mistakes)
    page = visitors.come()
    page.goto(f"/course?{QUERY}&chapter={chapter.name}")
    page.locator(".st-key-course-mistakes a").first.click()
    leads_to(page, "/mistakes", mistake=chapter.mistakes[0], chapter=chapter.name)
    page.goto(f"/course/?{QUERY}&chapter=none")
    page.get_by_test_id("stAlert").wait_for()
    assert own_of(page) == EMBEDDED


def test_page_stays_embedded_when_the_server_has_lost_the_visit(tmp_path, visitors):
    visitors.forgiven = UNREACHABLE
    server = Server(tmp_path / "log.txt", "--server.disconnectedSessionTTL", "0")
    server.start()
    line = Line(server)
    try:
        stage = visitors.open(f"{QUERY}&epochs=60&show=data,surface,loss,parameters,status", at=line.address)
        stage.wait_trained(60)
        line.cut()
        stage.wait_for("stage.dataset.line === 'cut'")
        line.mend()
        stage.wait_for("stage.dataset.line === 'recovered'")
        wait_still(stage.page)
        assert own_of(stage.page) == EMBEDDED
        assert ours_of(stage.page)["epochs"] == "60"
    finally:
        line.close()
        server.close()


@pytest.mark.parametrize(("query", "is_open"), [("embed=true", False), ("", True)], ids=["embedded", "not"])
def test_controls_stand_open_only_where_the_page_is_not_embedded(lab, query, is_open):
    stage = lab(f"epochs=60&{query}")
    wait_still(stage.page)
    train = stage.page.get_by_role("button", name="Train", exact=True)
    assert (train.bounding_box()["x"] > 0) is is_open
    assert stage.page.get_by_test_id("stExpandSidebarButton").is_visible() is not is_open
    left = measured(stage.element, "stage => stage.getBoundingClientRect().left")
    assert (left < 30) is not is_open
    assert stage.page.get_by_test_id("stMainMenu").count() == int(is_open)


@pytest.mark.parametrize("size", [(960, 540), (1280, 720)], ids="{0[0]}x{0[1]}".format)
def test_whole_stage_fits_a_slide(lab, size):
    stage = lab("epochs=60&embed=true", viewport={"width": size[0], "height": size[1]})
    stage.rest()
    main = stage.page.get_by_test_id("stMain")
    assert measured(main, "main => main.scrollHeight - main.clientHeight") <= 0
    opener = stage.page.get_by_test_id("stExpandSidebarButton").bounding_box()
    badge = stage.element.locator(".badge").bounding_box()
    assert opener["x"] + opener["width"] <= badge["x"]
    facts = stage.element.locator(".facts").bounding_box()
    # No hole where Streamlit's menu would be.
    assert size[0] - (facts["x"] + facts["width"]) < 30


class Slides(BaseHTTPRequestHandler):
    """A site of its own: what it shows is in the query."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(unquote(urlsplit(self.path).query).encode())

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


@pytest.fixture(scope="module")
def slides() -> Iterator[str]:
    """The address of a site elsewhere. To a browser `localhost` is another one than 127.0.0.1, where the lab is."""
    with ThreadingHTTPServer(("localhost", 0), Slides) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://localhost:{site.server_port}/slides"
        site.shutdown()


@pytest.fixture
def host(visitors, server, slides) -> Callable[[str], tuple[Page, Frame]]:
    """A page of slides, the focus in its notes, and the lab in it, whose run has ended."""
    page = visitors.come()

    def opened(line: str) -> tuple[Page, Frame]:
        lab = line.format(address=f"{server}/?epochs=60&show=data,surface,player&embed=true")
        page.goto(f"{slides}?{quote(SLIDE.format(lab=lab))}")
        page.get_by_role("textbox", name="Notes").focus()
        frame = page.frames[1]
        frame.wait_for_function("document.querySelector('[data-testid=stage]')?.dataset.trained === '60'")
        frame.wait_for_function("document.querySelectorAll('[data-chart=surface] .main-svg').length")
        return page, frame

    return opened


def epoch(frame: Frame) -> int:
    return int(frame.get_by_test_id("stage").get_attribute("data-epoch"))


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_each_line_shows_the_lab_without_touching_the_page_around(host, line):
    page, frame = host(line)
    assert page.evaluate("document.activeElement.ariaLabel") == "Notes"
    assert page.evaluate("scrollY") == 0
    # What is typed is the host's.
    page.keyboard.press("Home")
    page.keyboard.type("k?5")
    assert page.get_by_role("textbox", name="Notes").input_value() == "k?5"
    assert frame.locator("dialog.keys").is_hidden()
    for chart in ("data", "surface"):
        expect(frame.locator(f"[data-chart={chart}]")).to_be_visible()
    wait_still(frame)
    main = frame.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollHeight - main.clientHeight") <= 0


def test_keys_are_the_stages_after_a_press_in_it_and_nothing_scrolls(host):
    page, frame = host(LINES["reveal.js"])
    page.evaluate("scrollTo(0, 200)")
    # On a chart, of which plotly takes hold.
    wait_still(frame)
    place = frame.locator("[data-chart=data] .nsewdrag").bounding_box()
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + 20)
    assert frame.evaluate("document.activeElement.dataset.testid") == "stage"
    assert not frame.evaluate("document.activeElement.matches(':focus-visible')")
    for key, shown in (("Home", 0), ("ArrowRight", 1), ("l", 11), ("End", 60), ("PageDown", 54)):
        page.keyboard.press(key)
        frame.wait_for_function(f"document.querySelector('[data-testid=stage]').dataset.epoch === '{shown}'")
    assert page.evaluate("[scrollY, keys.length]") == [200, 0]
    # Beside the stage, keys are nobody's of ours.
    frame.get_by_test_id("stExpandSidebarButton").click()
    frame.get_by_role("button", name="More").focus()
    page.keyboard.press("Home")
    assert epoch(frame) == 54
    # Reached by the tab key, the stage says so.
    frame.locator("[data-testid=stage]").evaluate("stage => stage.focus({focusVisible: true, preventScroll: true})")
    assert frame.evaluate("document.activeElement.matches(':focus-visible')")
    outline = frame.get_by_test_id("stage").evaluate("stage => getComputedStyle(stage).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Home")
    assert epoch(frame) == 0


def test_embedded_page_takes_keys_only_where_its_stage_has_the_focus(lab):
    stage = lab("epochs=60&embed=true", pace=0)
    stage.wait_trained(60)
    stage.wait_for("document.activeElement === document.body")
    stage.seek(30)
    stage.page.evaluate("document.activeElement.blur()")
    stage.page.keyboard.press("Home")
    stage.page.keyboard.press("?")
    assert stage.epoch == 30
    assert stage.page.locator("dialog.keys").is_hidden()
    stage.page.get_by_test_id("stExpandSidebarButton").focus()
    for _ in range(20):
        if stage.page.evaluate("document.activeElement.dataset.testid === 'stage'"):
            break
        stage.page.keyboard.press("Tab")
    assert stage.page.evaluate("document.activeElement.matches('[data-testid=stage]:focus-visible')")
    stage.page.keyboard.press("Home")
    assert stage.epoch == 0
