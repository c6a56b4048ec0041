"""*Your turn*: each of a hall trains a setting of their own, and the lecturer's stage shows what became of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from stage import Stage
from stillness import wait_still
from test_accessibility import findings

from core import Experiment, train

PHONE = {"width": 390, "height": 844}

INKED = """([chart, places]) => {
    const panel = document.querySelector(`[data-chart=${chart}]`);
    const canvas = panel.querySelector("canvas.still");
    const [low, high] = panel.querySelector(".js-plotly-plot")?.layout.xaxis.range ?? [];
    if (!canvas?.width || low === undefined) return false;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const columns = new Set();
    for (let i = 3; i < data.length; i += 4) if (data[i] > 200) columns.add(((i - 3) / 4) % canvas.width);
    const inked = [...columns].map((column) => (column + 0.5) / canvas.width);
    return inked.length > 0 && places.every((place) =>
        inked.some((column) => Math.abs(column - (place - low) / (high - low)) < 0.02));
}"""
"""Whether what others have left in a chart is drawn, at these places along its x axis too."""


class Hall:
    """The page of a lecturer, with an open room."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.page = stage.page
        self.foot = self.page.get_by_role("region", name="Your turn")
        self.page.get_by_role("button", name="Lecture", exact=True).click()
        door = self.page.get_by_role("dialog", name="Join the lecture")
        expect(door.locator(".code")).to_have_text(re.compile("^[0-9A-Z]{6}$"))
        self.code = door.locator(".code").inner_text()
        door.get_by_role("button", name="Close").click()

    def open_panel(self) -> Locator:
        self.page.get_by_role("button", name="More of the lecture").click()
        self.page.get_by_role("button", name="Your turn…").click()
        return self.page.get_by_role("dialog", name="Your turn")

    def open(self, name: str, **bounds: str) -> None:
        form = self.open_panel().get_by_role("form", name=name)
        expect(form.get_by_role("button", name="Open")).to_be_enabled()
        for label, value in bounds.items():
            form.get_by_label(label.replace("_", " "), exact=True).fill(value)
        form.get_by_role("button", name="Open").click()
        expect(self.foot).to_be_visible()

    def press(self, name: str) -> None:
        self.foot.get_by_role("button", name=name, exact=True).click()

    def says(self, words: str | re.Pattern[str]) -> None:
        expect(self.foot.get_by_role("status")).to_have_text(words)

    def still(self, chart: str) -> Locator:
        """What others have left in a chart."""
        return self.page.locator(f"[data-chart={chart}] canvas.still")


class Card:
    """Your turn on a follower's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.get_by_role("region", name="Your turn")

    def train(self, **values: str) -> None:
        for label, value in values.items():
            self.root.get_by_role("spinbutton", name=label.replace("_", " ")).fill(value)
        self.root.get_by_role("button", name="Train my run").click()

    def says(self, words: str | re.Pattern[str]) -> None:
        expect(self.root.get_by_role("status")).to_have_text(words)


@pytest.fixture
def hall(lab) -> Callable[..., Hall]:
    """Opens the lab for a lecturer, whose run is over, and a room for it."""

    def hall(query: str = "epochs=40&learning_rate=0.3", **options: Any) -> Hall:
        stage = lab(query, **options)
        stage.rest()
        return Hall(stage)

    return hall


@pytest.fixture
def follow(visitors) -> Callable[..., Card]:
    def follow(hall: Hall, **options: Any) -> Card:
        stage = Stage(visitors.come(**options))
        stage.page.goto(f"/room/{hall.code}")
        stage.wait_until_drawn()
        return Card(stage.page)

    return follow


def loss_of(**fields: Any) -> float:
    return [*train(Experiment(epochs=40, **fields))][-1].loss


def read(loss: float) -> re.Pattern[str]:
    """The loss as a page writes it, in three digits."""
    return re.compile(re.escape(f"loss {float(f'{loss:.3g}')}") + r"(?!\d)")


def test_rates_of_a_hall_become_the_points_of_the_sweep(hall, follow):
    lecturer = hall()
    phone = follow(lecturer, viewport=PHONE, has_touch=True, is_mobile=True)
    other = follow(lecturer)
    lecturer.open("Learning rate", **{"from": "0.05", "to": "1.2"})
    sweep = lecturer.page.locator("[data-chart=sweep]")
    expect(sweep).to_be_visible()
    phone.train(Learning_rate="0.6")
    phone.says(read(loss_of(learning_rate=0.6)))
    other.train(Learning_rate="0.2")
    other.says(read(loss_of(learning_rate=0.2)))
    expect(lecturer.foot.locator(".people")).to_have_text("2 of 2 answered")
    lecturer.says(re.compile("^best: 0.6, loss "))
    # Where they are along the logarithmic axis, they are in the picture.
    lecturer.page.wait_for_function(INKED, arg=["sweep", [float(np.log10(rate)) for rate in (0.2, 0.6)]])
    # Nobody learns from the sweep, nor from others, what is still to be tried.
    for page in (lecturer.page, other.page):
        expect(page.locator("[data-chart=sweep].covered .legend li")).to_have_count(0)
    assert "0.6" not in other.root.inner_text()
    lecturer.press("End turn")
    expect(other.root.get_by_role("heading")).to_contain_text("best: 0.6, loss")
    other.says(re.compile(r"^Yours, 0\.2: loss .* after 40 epochs\. Place 2 of 2\.$"))
    expect(other.root.get_by_role("button", name="Train my run")).to_be_hidden()
    for page in (lecturer.page, other.page, phone.page):
        expect(page.locator("[data-chart=sweep]:not(.covered) .legend li").first).to_be_attached()
    lecturer.press("Close")
    expect(phone.root).to_be_hidden()
    expect(lecturer.still("sweep")).to_have_count(0)


def test_start_is_tapped_on_the_loss_surface_and_its_path_is_drawn(hall, follow):
    lecturer = hall()
    phone = follow(lecturer, viewport=PHONE, has_touch=True, is_mobile=True)
    lecturer.open("Start")
    surface = phone.page.locator("[data-chart=surface] .plot canvas").last
    surface.scroll_into_view_if_needed()
    expect(phone.root).to_be_visible()
    wait_still(phone.page)
    box = surface.bounding_box()
    assert box
    phone.page.touchscreen.tap(box["x"] + box["width"] / 4, box["y"] + 20)
    expect(phone.root.get_by_role("spinbutton", name="w")).not_to_have_value("")
    b, w = (float(phone.root.get_by_role("spinbutton", name=name).input_value()) for name in "bw")
    plot = phone.page.locator("[data-chart=surface] .js-plotly-plot")
    axes = plot.evaluate("plot => [plot.layout.xaxis.range, plot.layout.yaxis.range]")
    assert b == pytest.approx(axes[0][0] + (axes[0][1] - axes[0][0]) / 4, abs=0.02)
    assert w == pytest.approx(axes[1][1] - (axes[1][1] - axes[1][0]) * 20 / box["height"], abs=0.1)
    phone.train()
    phone.says(read(loss_of(start_b=b, start_w=w, learning_rate=0.3)))
    lecturer.says(re.compile(f"^best: b {b:g}, w {w:g}, loss "))
    for page in (lecturer.page, phone.page):
        page.wait_for_function(INKED, arg=["surface", [b]])


def test_last_try_counts_and_what_is_out_of_bounds_is_said(hall, follow):
    lecturer = hall()
    card = follow(lecturer)
    lecturer.open("Learning rate", **{"from": "0.05", "to": "1.2"})
    card.train(Learning_rate="3")
    card.says("Type a number within the bounds.")
    card.train(Learning_rate="1.2")
    card.says(re.compile(r"^Yours, 1\.2: diverged at epoch \d+\."))
    lecturer.says("1 diverged")
    card.train(Learning_rate="0.5")
    card.says(re.compile(r"^Yours, 0\.5: loss"))
    lecturer.says(re.compile(r"^best: 0\.5, loss [\d.]+$"))
    expect(lecturer.foot.locator(".people")).to_have_text("1 of 1 answered")


def test_slider_goes_over_the_rates_on_the_scale_of_a_logarithm_with_the_keys(hall, follow):
    lecturer = hall()
    card = follow(lecturer)
    lecturer.open("Learning rate", **{"from": "0.01", "to": "1"})
    slider, number = card.root.get_by_role("slider"), card.root.get_by_role("spinbutton")
    expect(number).to_have_value("0.1")
    slider.press("End")
    expect(number).to_have_value("1")
    slider.press("Home")
    expect(number).to_have_value("0.01")
    number.fill("0.1")
    assert slider.evaluate("slider => slider.value / slider.max") == 0.5


def test_turn_outlives_the_lecturers_reload_and_the_followers(hall, follow):
    lecturer = hall()
    card = follow(lecturer)
    lecturer.open("Learning rate")
    card.train(Learning_rate="0.5")
    card.says(re.compile("^Yours, 0.5"))
    lecturer.stage.reload()
    lecturer.says(re.compile("^best: 0.5"))
    expect(lecturer.still("sweep")).to_be_visible()
    card.page.reload()
    card.says(re.compile("^Yours, 0.5"))
    card.train(Learning_rate="0.4")
    lecturer.says(re.compile("^best: 0.4"))


def test_what_would_take_a_hall_too_long_is_said_before_it_is_opened(hall):
    lecturer = hall("epochs=300&n=100000")
    panel = lecturer.open_panel()
    expect(panel.get_by_role("alert")).to_have_text(
        re.compile(r"^A hall's runs would take about .* here: choose fewer")
    )
    expect(panel.get_by_role("button", name="Open").first).to_be_disabled()


def test_bounds_that_are_none_are_said(hall):
    lecturer = hall()
    form = lecturer.open_panel().get_by_role("form", name="Learning rate")
    expect(form.get_by_role("button", name="Open")).to_be_enabled()
    for low, high, words in (
        ("0", "1", "above 0"),
        ("2", "1", "smaller number"),
        ("", "1", "Type a number"),
        ("1", "5000", "at most 1"),
    ):
        form.get_by_label("from", exact=True).fill(low)
        form.get_by_label("to", exact=True).fill(high)
        form.get_by_role("button", name="Open").click()
        expect(lecturer.page.get_by_role("dialog", name="Your turn").get_by_role("alert")).to_contain_text(words)
    expect(lecturer.foot).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_a_turn(hall, follow, scheme):
    lecturer = hall(color_scheme=scheme)
    card = follow(lecturer, viewport=PHONE, color_scheme=scheme)
    lecturer.open_panel()
    expect(lecturer.page.get_by_role("form", name="Start").get_by_role("button", name="Open")).to_be_enabled()
    assert findings(lecturer.page) == []
    lecturer.page.keyboard.press("Escape")
    lecturer.page.keyboard.press("Escape")
    lecturer.open("Start")
    card.train(b="0.5", w="1")
    card.says(re.compile("^Yours"))
    assert findings(lecturer.page) == []
    assert findings(card.page) == []
    lecturer.press("End turn")
    expect(card.root.get_by_role("heading")).to_contain_text("best")
    assert findings(card.page) == []
