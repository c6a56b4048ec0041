"""The run as one page without a server: opened from the disk by a browser that has no network, and in frames."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from stage import CLOCK, Stage
from stillness import measured

from core import Experiment, StopReason, make_dataset, sweep, sweep_values, train, train_jointly
from dashboard.stage.arrangement import Arrangement
from dashboard.webpage.__main__ import main
from dashboard.webpage.making import make_page
from dashboard.webpage.told import KeptRun

EPOCHS = 260
BASE = Experiment(epochs=EPOCHS)
FAST = replace(BASE, learning_rate=0.5)
SMALL = replace(BASE, batch_size=16, epochs=200)
RECORDS = [list(train(one)) for one in (BASE, FAST, SMALL)]

OPTIONS = ["--epochs", str(EPOCHS), "--versus", "learning_rate:0.5", "--versus", "batch_size:16,epochs:200"]
SWEPT = ["--epochs", "40", "--sweep", "learning_rate", "--from", "0.05", "--to", "3", "--count", "7"]

Opener = Callable[..., Stage]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The file that the command writes for these options, once for all tests."""
    folder = tmp_path_factory.mktemp("pages")
    known: dict[tuple[str, ...], Path] = {}

    def page(*options: str) -> Path:
        if options not in known:
            known[options] = folder / f"{len(known)}.html"
            assert main([*options, "--out", str(known[options])]) == 0
        return known[options]

    return page


@pytest.fixture
def from_disk(visitors, written) -> Opener:
    """Opens the page from the disk without any network. At pace 0 its player stands still."""

    def opened(*options: str, query: str = "", pace: float = 0, **own) -> Stage:
        page = visitors.come(offline=True, **own)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        if pace != 1:
            page.add_init_script(f"({CLOCK})({pace})")
        page.goto(written(*options).as_uri() + query)
        stage = Stage(page)
        stage.wait_until_drawn()
        assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
        return stage

    return opened


@pytest.fixture(scope="module")
def page_of_three(visitors, written):
    page = visitors.come(stay=True, offline=True)
    page.add_init_script(f"({CLOCK})(0)")
    page.goto(written(*OPTIONS).as_uri())
    stage = Stage(page)
    stage.wait_until_drawn()
    yield stage
    visitors.leave(page)


@pytest.fixture
def three(page_of_three) -> Stage:
    """Three runs with the base in front: for tests that leave them so."""
    page_of_three.seek(0)
    page_of_three.wait_epoch(0)
    return page_of_three


@pytest.mark.parametrize("epoch", [0, 1, 37, 200, EPOCHS])
def test_it_shows_the_numbers_of_the_engine_for_every_run(three, epoch):
    three.seek(epoch)
    three.wait_epoch(epoch)
    three.wait_values(*(records[min(epoch, len(records) - 1)] for records in RECORDS))


def test_it_plays_by_itself_to_the_end(from_disk):
    stage = from_disk("--epochs", "30", pace=8)
    records = list(train(Experiment(epochs=30)))
    stage.wait_run(records)
    stage.wait_state("finished")
    stage.wait_at(30, records[-1])


def test_the_keyboard_steps_and_goes_through_the_beats(three):
    three.chart("loss").click(position={"x": 3, "y": 3})
    three.page.evaluate("document.activeElement.blur()")
    three.seek(4)
    three.page.keyboard.press("ArrowRight")
    three.wait_epoch(5)
    three.page.keyboard.press(".")
    three.wait_for("stage.dataset.beat === 'forward'")
    three.page.keyboard.press(".")
    three.page.keyboard.press(".")
    three.wait_for("stage.dataset.beat === 'backward'")
    gradient = RECORDS[0][5].b_grad
    lit = three.element.locator(".step[data-step=backward] .moment li")
    expect(lit.first).to_contain_text("b.grad = ")
    assert float(lit.first.inner_text().split("= ")[1].replace("−", "-")) == pytest.approx(gradient, rel=1e-4)
    three.seek(4)


def test_of_an_epoch_that_the_page_does_not_hold_it_says_so_and_names_the_nearest(from_disk):
    stage = from_disk("--epochs", "1000")
    stage.seek(537)
    stage.wait_epoch(537)
    stage.page.keyboard.press(".")
    stage.wait_for("stage.dataset.beat === 'forward'")
    line = stage.element.locator(".step[data-step=forward] .moment li")
    expect(line).to_contain_text("This page does not hold what happens within epoch 537; the lab does.")
    expect(line).to_contain_text("The nearest that it holds: 536 and 545.")


def test_the_living_graph_has_the_values_of_an_epoch(three):
    three.seek(12)
    three.wait_epoch(12)
    three.click("Enlarge graph")
    three.wait_for("stage.querySelectorAll('.tensors tr').length > 3")
    record = RECORDS[0][12]
    assert float(three.boxes()["b"]["value"].replace("−", "-")) == pytest.approx(record.b, rel=1e-4)
    three.click("Shrink graph")


def test_another_run_is_brought_to_the_front_and_the_runs_are_laid_along_their_updates(from_disk):
    stage = from_disk(*OPTIONS)
    stage.run_button("Bring batch size 16, epochs 200 to the front").click()
    stage.wait_for("stage.dataset.front === '2'")
    expect(stage.element.locator(".code")).to_contain_text("batch")
    stage.run_button("Bring learning rate 0.1, epochs 260, full batch to the front").click()
    stage.wait_for("stage.dataset.front === '0'")
    stage.element.get_by_role("combobox", name="Compare the runs").select_option("by update")
    stage.seek(100)
    # An update is an epoch of the base, and a fifth of one with 16 of 80 points.
    stage.wait_values(RECORDS[0][100], RECORDS[1][100], RECORDS[2][20])


def test_nothing_on_it_asks_for_what_only_a_server_has(three):
    assert three.element.get_by_role("radiogroup", name="Way to write the four steps").count() == 0
    for name in ("By hand", "Sweep", "Stop training"):
        assert three.element.get_by_role("button", name=name, exact=True).count() == 0
    assert three.runs.get_by_role("button", name="Remove").count() == 0
    assert three.runs.get_by_role("button", name="Make").count() == 0


def test_a_sweep_stands_in_the_place_of_the_surface_and_leaves_it_again(from_disk):
    stage = from_disk(*SWEPT)
    stage.wait_sweep(over="learning rate")
    base = Experiment(epochs=40)
    swept = sweep(base, "learning_rate", sweep_values(base, "learning_rate", 0.05, 3.0, 7))
    stage.seek(40)
    stage.wait_epoch(40)
    picker = stage.element.get_by_role("slider", name="Value of the sweep", exact=True)
    for place, (last, reason) in enumerate(zip(swept.last, swept.reasons, strict=True)):
        picker.fill(str(place))
        _, _, said = stage.element.locator(".picked .words").inner_text().partition(": ")
        if reason is StopReason.DIVERGED:
            assert said == f"diverged at {last.epoch}"
        else:
            assert float(said.removeprefix("loss ")) == pytest.approx(last.loss, rel=1e-3)
    assert {StopReason.DIVERGED, StopReason.FINISHED} <= set(swept.reasons)
    stage.sweep.get_by_role("button", name="Surface", exact=True).click()
    stage.wait_for("stage.querySelector('[data-chart=surface]').checkVisibility()")
    stage.open_sweep()


def test_rows_and_agreement_are_there_as_far_as_the_page_holds_them(three):
    three.seek(3)
    three.element.get_by_role("tab", name="Rows").click()
    expect(three.element.locator(".rows tbody tr:not(.spacer)").first).to_be_visible()
    three.element.get_by_role("tab", name="Agreement").click()
    agreement = three.element.locator(".agreement")
    expect(agreement).to_contain_text("closed form")
    expect(agreement).to_contain_text("What the other methods learn is not in this page: the lab trains them.")
    assert agreement.get_by_role("button").count() == 0
    three.element.get_by_role("tab", name="Code").click()


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_it_is_light_or_dark_as_the_browser_and_can_be_the_other(from_disk, scheme, other):
    stage = from_disk("--epochs", "30", color_scheme=scheme)
    grounds = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 20, 28)"}
    expect(stage.page.locator("body")).to_have_css("background-color", grounds[scheme])
    stage.page.get_by_role("button", name=f"{other.capitalize()} page").click()
    expect(stage.page.locator("body")).to_have_css("background-color", grounds[other])
    expect(stage.page.get_by_role("button", name=f"{scheme.capitalize()} page")).to_be_visible()
    wanted = {"light": "#1c2430", "dark": "#e8ecf2"}[other]
    stage.wait_for("getComputedStyle(stage).getPropertyValue('--lab-text').trim() === given", wanted)


def test_the_playhead_of_one_run_counts_epochs_whatever_its_address_says(from_disk):
    stage = from_disk("--epochs", "30", query="?align=time")
    expect(stage.element.locator(".position")).to_have_text("0 / 30")


def test_the_earlier_course_of_a_run_is_there_while_that_run_is_in_front(visitors, tmp_path):
    front, other, earlier = (
        Experiment(epochs=40, schedule=((10, 0.5),)),
        Experiment(epochs=40, learning_rate=0.3),
        Experiment(epochs=40),
    )
    runs = [
        KeptRun(run.experiment, run.dataset, run.history, len(run), run.stop)
        for run in train_jointly([front, other, earlier])
    ]
    arrangement = Arrangement(0, (0, 1), ("one", "two"), ("one", "two"))
    path = tmp_path / "ghost.html"
    path.write_bytes(make_page(runs, arrangement, lab="http://lab.example/", query={}, ghost=True))
    page = visitors.come(offline=True)
    page.add_init_script(f"({CLOCK})(0)")
    page.goto(path.as_uri())
    stage = Stage(page)
    stage.wait_until_drawn()
    legend = stage.chart("surface").locator(".legend")
    drawn = """given === stage.querySelector('[data-chart=loss] .js-plotly-plot').data
        .filter(({name, x}) => name === 'without the change' && x.length > 20).length"""
    stage.seek(30)
    expect(legend).to_contain_text("without the change")
    stage.wait_for(drawn, 1)
    stage.run_button("Bring two to the front").click()
    expect(legend).not_to_contain_text("without the change")
    stage.wait_for(drawn, 0)
    stage.run_button("Bring one to the front").click()
    expect(legend).to_contain_text("without the change")
    stage.wait_for(drawn, 1)
    stage.wait_runs(2)


def test_its_address_can_choose_the_theme_and_what_is_shown(from_disk):
    stage = from_disk("--epochs", "30", query="?theme=dark&panel=rows&surface_view=3d&arrows=perhaps")
    expect(stage.page.locator("body")).to_have_css("background-color", "rgb(16, 20, 28)")
    expect(stage.element.locator(".rows tbody tr:not(.spacer)").first).to_be_visible()
    assert "landscape" in stage.charts_shown


def test_what_it_holds_can_be_read_and_the_program_taken(three):
    three.page.get_by_role("button", name="About this page").click()
    dialog = three.page.get_by_role("dialog", name="About this page")
    expect(dialog).to_contain_text("It holds all records of 3 runs.")
    expect(dialog).to_contain_text("torch 2.13.0")
    program = dialog.locator("pre").inner_text()
    with three.page.expect_download() as download:
        dialog.get_by_role("button", name="Save").click()
    assert download.value.path().read_text().strip() == program.strip()
    compile(program, "program.py", "exec")
    three.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    link = three.page.get_by_role("link", name="Open in a lab on this computer").get_attribute("href")
    assert link == "http://localhost:8501/?epochs=260&versus=learning_rate:0.5&versus=batch_size:16,epochs:200"


MODULES = re.compile(r'<script type="(importmap|module)">.*?</script>', re.DOTALL)


@pytest.mark.parametrize("lacks", ["delete window.DecompressionStream", "delete HTMLElement.prototype.popover"])
def test_a_browser_that_is_too_old_for_it_is_told_so(visitors, written, tmp_path, lacks):
    page = visitors.come()
    page.add_init_script(lacks)
    old = tmp_path / "old.html"
    # Of the page's modules such a browser would run none.
    old.write_text(MODULES.sub("", written("--epochs", "30").read_text()))
    page.goto(old.as_uri())
    expect(page.locator("footer")).to_have_text(
        "This browser is too old for this page: open it in a present Chrome, Edge, Firefox or Safari."
    )


def in_a_frame(page: Page, html: str, sandbox: str) -> None:
    """A host page with another one in a frame."""
    page.set_content(
        f'<iframe sandbox="{sandbox}" width="1000" height="640" srcdoc="{escape(html)}"></iframe>'
        '<p style="height: 900px">Below it</p>'
    )


def test_it_plays_in_a_sandboxed_frame_and_leaves_its_host_alone(visitors, written):
    page = visitors.come(offline=True)
    in_a_frame(page, written("--epochs", "30").read_text(), "allow-scripts")
    stage = page.frame_locator("iframe").get_by_test_id("stage")
    expect(stage).to_have_attribute("data-trained", "30")
    expect(stage).to_have_attribute("data-state", "finished")
    last = list(train(Experiment(epochs=30)))[-1]
    assert float(stage.get_attribute("data-b") or "") == last.b
    assert page.evaluate("[scrollY, document.activeElement.tagName]") == [0, "BODY"]
    # Everything that opens there closes again, where forms, memory and downloads are forbidden.
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="About this page").click()
    frame.get_by_role("button", name="Close").click()
    expect(frame.get_by_role("dialog", name="About this page")).to_be_hidden()
    frame.get_by_role("button", name="Tools", exact=True).click()
    frame.get_by_role("button", name="List of keys (?)").click()
    frame.get_by_role("dialog", name="Keys").get_by_role("button", name="Close").click()
    stage.get_by_role("tab", name="Rows").click()
    stage.get_by_role("slider", name="Epoch").fill("12")
    expect(stage).to_have_attribute("data-b", str(list(train(Experiment(epochs=30)))[12].b))


BLOCKED = "Where this frame allows no downloads, nothing comes: open the page by itself."


def test_wherever_something_is_saved_a_sandboxed_frame_says_that_it_may_not_come(visitors, written, three):
    page = visitors.come(offline=True)
    in_a_frame(page, written("--epochs", "30").read_text(), "allow-scripts")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_test_id("stage")).to_have_attribute("data-state", "finished")
    frame.locator("[data-chart=data]").get_by_role("button", name="Save as picture").click()
    corner = frame.get_by_role("dialog", name="Save as picture")
    expect(corner.get_by_text(BLOCKED)).to_be_visible()
    frame.get_by_role("button", name="Tools", exact=True).click()
    menu = frame.get_by_role("dialog", name="Tools", exact=True)
    expect(menu.get_by_text(BLOCKED)).to_be_visible()
    page.keyboard.press("Escape")
    frame.get_by_role("button", name="Enlarge graph").click()
    expect(frame.get_by_role("group", name="Autograd graph").get_by_text(BLOCKED)).to_be_visible()
    # By itself a page is as calm as ever.
    assert three.page.get_by_text(BLOCKED).count() == 0


def test_it_plays_on_a_static_host_in_a_frame_of_another_page(visitors, written):
    page = visitors.come()
    host = '<iframe src="https://pages.example/run.html" width="1000" height="640"></iframe>'
    page.route("https://pages.example/*", lambda route: route.fulfill(path=written("--epochs", "30")))
    page.route("https://course.example/", lambda route: route.fulfill(body=host, content_type="text/html"))
    page.goto("https://course.example/")
    stage = page.frame_locator("iframe").get_by_test_id("stage")
    expect(stage).to_have_attribute("data-state", "finished")
    expect(stage).to_have_attribute("data-b", str(list(train(Experiment(epochs=30)))[-1].b))


HOSTILE = "</script><script>window.hacked = 1</script>", "<img src=x onerror=window.hacked=1><b>y</b>"


def test_names_of_columns_that_are_html_stay_text(from_disk, tmp_path):
    table = tmp_path / "own.csv"
    table.write_text(",".join(HOSTILE) + "\n" + "".join(f"{x},{2 * x + 1}\n" for x in range(12)))
    stage = from_disk("--data", str(table), "--learning-rate", "0.001", "--epochs", "20")
    titles = [stage.plot("data").locator(f".{axis}title").text_content() for axis in "xy"]
    assert titles == list(HOSTILE)
    stage.page.get_by_role("button", name="About this page").click()
    expect(stage.page.get_by_role("dialog")).to_contain_text(HOSTILE[0])
    assert stage.page.evaluate("[window.hacked, document.querySelectorAll('img').length]") == [None, 0]


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (1024, 768)], ids="{0[0]}x{0[1]}".format)
def test_nothing_scrolls_and_nothing_is_cut_off(three, size):
    three.page.set_viewport_size({"width": size[0], "height": size[1]})
    page = three.page.locator("html")
    assert measured(page, "page => [page.scrollHeight - innerHeight, page.scrollWidth - innerWidth]") == [0, 0]
    three.page.set_viewport_size({"width": 1280, "height": 720})


def test_on_a_phone_nothing_is_wider_than_the_screen(from_disk):
    stage = from_disk(*OPTIONS, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    assert measured(stage.page.locator("html"), "page => page.scrollWidth") == 390


def test_every_source_has_what_a_stage_asks_of_one(blank_page):
    missing = blank_page.evaluate(
        """async () => {
            const {MEMBERS} = await import("/app/static/stage/sources/source.js");
            const found = [];
            for (const [name, file] of [["Streamlit", "streamlit"], ["File", "file"], ["Room", "room"]]) {
                const source = (await import(`/app/static/stage/sources/${file}.js`))[name].prototype;
                const lacking = MEMBERS.filter(member => typeof source[member] !== "function");
                found.push(...lacking.map(member => `${name}.${member}`));
            }
            return found;
        }"""
    )
    assert missing == []


def test_the_page_of_the_points_is_the_size_of_what_it_shows(three):
    """Its own axes hold all points: nothing of the data is outside the picture."""
    points = make_dataset(BASE)
    low, high = three.plot("data").evaluate("plot => plot.layout.xaxis.range")
    assert low <= min(points.x_train.min(), points.x_val.min())
    assert high >= max(points.x_train.max(), points.x_val.max())
