"""The loss surface as a landscape, by mouse, finger and keyboard, and the arrows over it and over the contours."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from stillness import bounds, wait_still
from test_accessibility import findings

from core import Experiment, train
from dashboard.shared.palette import LIGHT

EPOCHS = 40
SPACE = f"epochs={EPOCHS}&surface_view=3d"

BOTTOM = "canvas => canvas.toDataURL()"


def area(stage):
    """What is turned."""
    return stage.element.get_by_role("application", name="Loss surface in 3-D")


def terrain(stage) -> str:
    """The picture of what stands still, once it is drawn as the camera wants it, with its letters, at its size."""
    wait_still(stage.page)
    return str(area(stage).locator("canvas").first.evaluate(BOTTOM))


def paths(stage) -> str:
    """The picture of what moves."""
    return str(area(stage).locator("canvas").last.evaluate(BOTTOM))


def to_the_end(stage, experiment: Experiment) -> None:
    """Wait until the lab has this run, and put the playhead at its end."""
    first, *_, last = train(experiment)
    stage.wait_for("+stage.dataset.epoch === 0 && +stage.dataset.b === given", first.b)
    stage.wait_trained(experiment.epochs)
    stage.seek(experiment.epochs)
    stage.wait_values(last)


def colours(stage) -> set[int]:
    """The numbers of the runs whose colours are among what moves."""
    found = (
        area(stage)
        .locator("canvas")
        .last.evaluate(
            """canvas => {
            const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
            copy.drawImage(canvas, 0, 0);
            const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
            const seen = new Set();
            const hex = value => value.toString(16).padStart(2, "0");
            for (let i = 0; i < data.length; i += 4) {
                if (data[i + 3] === 255) seen.add(`#${hex(data[i])}${hex(data[i + 1])}${hex(data[i + 2])}`);
            }
            return [...seen];
        }"""
        )
    )
    return {number for number in range(6) if LIGHT[f"run-{number}"] in found}


def opened(lab, query: str = SPACE, epoch: int = EPOCHS, **options):
    """The lab with the playhead at rest there."""
    stage = lab(query, pace=0, **options)
    stage.wait_trained(epoch)
    stage.seek(epoch)
    expect(area(stage)).to_be_visible()
    return stage


def drag(stage, right: float, down: float) -> None:
    place = bounds(area(stage))
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    stage.page.mouse.move(x, y)
    stage.page.mouse.down()
    stage.page.mouse.move(x + right / 2, y + down / 2)
    stage.page.mouse.move(x + right, y + down)
    stage.page.mouse.up()


def test_landscape_takes_the_place_of_the_contours_and_gives_it_back(lab):
    stage = lab(f"epochs={EPOCHS}", pace=0)
    stage.wait_trained(EPOCHS)
    stage.seek(EPOCHS)
    place = bounds(stage.chart("surface"))
    stage.chart("surface").get_by_role("button", name="3-D").click()
    expect(stage.chart("surface")).to_be_hidden()
    assert bounds(stage.chart("landscape")) == place
    stage.wait_query(epochs=[str(EPOCHS)], surface_view=["3d"])
    before = paths(stage)
    stage.seek(5)
    assert paths(stage) != before
    stage.chart("landscape").get_by_role("button", name="Contours").click()
    expect(stage.chart("surface")).to_be_visible()
    expect(stage.chart("landscape")).to_be_hidden()
    stage.wait_query(epochs=[str(EPOCHS)])


def test_mouse_turns_the_landscape_and_a_double_click_turns_it_back(lab):
    stage = opened(lab)
    first = terrain(stage)
    drag(stage, -60, 40)
    stage.wait_query(epochs=[str(EPOCHS)], surface_view=["3d"], camera=["65,48"])
    assert terrain(stage) != first
    area(stage).dblclick()
    stage.wait_query(epochs=[str(EPOCHS)], surface_view=["3d"])
    assert terrain(stage) == first


def test_arrow_keys_turn_the_landscape_that_has_the_focus_and_leave_the_playhead(lab):
    stage = opened(lab)
    stage.seek(20)
    first = terrain(stage)
    area(stage).focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "Shift+ArrowRight", "ArrowDown", "ArrowDown"):
        stage.page.keyboard.press(key)
    stage.wait_query(epochs=[str(EPOCHS)], surface_view=["3d"], camera=["30,33"])
    assert terrain(stage) != first
    assert stage.epoch == 20
    # All other keys are the player's.
    stage.page.keyboard.press("Home")
    assert stage.epoch == 0
    stage.page.keyboard.press("Enter")
    stage.wait_query(epochs=[str(EPOCHS)], surface_view=["3d"])
    assert terrain(stage) == first
    stage.page.evaluate("document.activeElement.blur()")
    stage.page.keyboard.press("ArrowRight")
    assert stage.epoch == 1


def test_finger_turns_the_landscape_sideways_and_scrolls_the_page_upwards(lab):
    stage = opened(lab, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    area(stage).scroll_into_view_if_needed()
    finger = stage.page.context.new_cdp_session(stage.page)

    def swipe(right: float, down: float) -> None:
        place = bounds(area(stage))
        x, y = place["x"] + place["width"] / 2, place["y"] + 60
        for step in range(6):
            at = {"x": x + right * step / 5, "y": y + down * step / 5}
            kind = "touchMove" if step else "touchStart"
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
            stage.frames(1)
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    main = stage.page.get_by_test_id("stMain")
    at = main.evaluate("main => main.scrollTop")
    swipe(-80, 0)
    stage.page.wait_for_function("new URLSearchParams(location.search).has('camera')")
    azimuth, elevation = map(int, stage.query["camera"][0].split(","))
    # The browser keeps the first few pixels until it knows what the finger wants.
    assert 35 + 25 <= azimuth <= 35 + 40
    assert elevation == 28
    assert main.evaluate("main => main.scrollTop") == at
    turned = terrain(stage)
    swipe(0, -50)
    stage.page.wait_for_function("at => document.querySelector('[data-testid=stMain]').scrollTop > at", arg=at)
    assert terrain(stage) == turned
    assert stage.query["camera"] == [f"{azimuth},{elevation}"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_camera_stays_through_a_new_run_and_a_link_reproduces_it(lab, scheme):
    stage = opened(lab, color_scheme=scheme)
    first = terrain(stage)
    drag(stage, 100, 20)
    stage.wait_query(epochs=[str(EPOCHS)], surface_view=["3d"], camera=["-15,38"])
    turned = terrain(stage)
    assert turned != first
    # On the same points from the same start it is the same surface.
    stage.type_number("Learning rate, exactly", "0.05")
    to_the_end(stage, Experiment(epochs=EPOCHS, learning_rate=0.05))
    assert terrain(stage) == turned
    query = {"epochs": [str(EPOCHS)], "surface_view": ["3d"], "camera": ["-15,38"], "learning_rate": ["0.05"]}
    stage.wait_query(**query)
    stage.type_number("N, exactly", "50")
    to_the_end(stage, Experiment(epochs=EPOCHS, learning_rate=0.05, n=50))
    stage.wait_query(**query, n=["50"])
    other = terrain(stage)
    assert other != turned
    again = lab(stage.page.url.split("?")[1], pace=0, color_scheme=scheme)
    again.wait_trained(EPOCHS)
    again.seek(EPOCHS)
    assert terrain(again) == other


def test_camera_stays_when_the_window_and_the_theme_change(lab):
    stage = opened(lab, f"{SPACE}&camera=-60,50")
    before = terrain(stage)
    stage.page.set_viewport_size({"width": 1100, "height": 800})
    bounds(area(stage))
    assert terrain(stage) != before
    stage.page.set_viewport_size({"width": 1280, "height": 720})
    bounds(area(stage))
    assert terrain(stage) == before
    stage.page.emulate_media(color_scheme="dark")
    stage.wait_for("getComputedStyle(document.documentElement).getPropertyValue('--lab-background') !== '#ffffff'")
    assert terrain(stage) != before
    stage.page.emulate_media(color_scheme="light")
    stage.wait_for("getComputedStyle(document.documentElement).getPropertyValue('--lab-background') === '#ffffff'")
    assert terrain(stage) == before


def test_while_it_plays_only_what_moves_is_drawn_anew(lab):
    stage = opened(lab)
    stage.seek(0)
    before, moved = terrain(stage), set()
    for epoch in range(0, EPOCHS, 4):
        stage.seek(epoch)
        moved.add(paths(stage))
    assert len(moved) == EPOCHS / 4
    assert terrain(stage) == before


def test_a_run_that_diverges_climbs_walls_that_grow_with_it(lab):
    stage = opened(lab, f"{SPACE}&learning_rate=1.1", epoch=12)
    pictures = set()
    for epoch in (0, 4, 8, 12):
        stage.seek(epoch)
        pictures.add(terrain(stage))
    assert len(pictures) == 4


def test_beats_lead_over_the_landscape_too(lab):
    stage = opened(lab)
    stage.seek(3)
    pictures = [paths(stage)]
    for _ in range(4):
        stage.page.keyboard.press(".")
        expect(area(stage)).to_be_visible()
        stage.frames(2)
        pictures.append(paths(stage))
    _, forward, loss, backward, update = pictures
    # Nothing of b and w is told before the gradient is.
    assert forward == loss
    assert len({forward, backward, update}) == 3


@pytest.mark.parametrize("view", ["surface", "landscape"])
def test_arrows_are_switched_on_and_off_and_stay_in_the_link(lab, view):
    query = {"epochs": [str(EPOCHS)]} | ({"surface_view": ["3d"]} if view == "landscape" else {})
    stage = lab("&".join(f"{name}={value[0]}" for name, value in query.items()), pace=0)
    stage.wait_trained(EPOCHS)
    stage.seek(EPOCHS)
    chart = stage.chart(view)
    button = chart.get_by_role("button", name="Gradients as arrows")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(chart.locator(".legend")).not_to_contain_text("−gradient")
    canvas = chart.locator("canvas").first
    bounds(canvas)
    bare = canvas.evaluate(BOTTOM)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(chart.locator(".legend")).to_contain_text("downhill")
    stage.wait_query(**query, arrows=["on"])
    bounds(canvas)
    drawn = canvas.evaluate(BOTTOM)
    assert drawn != bare
    again = lab(stage.page.url.split("?")[1], pace=0)
    again.wait_trained(EPOCHS)
    again.seek(EPOCHS)
    bounds(again.chart(view).locator("canvas").first)
    assert again.chart(view).locator("canvas").first.evaluate(BOTTOM) == drawn
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    stage.wait_query(**query)
    bounds(canvas)
    assert canvas.evaluate(BOTTOM) == bare


def test_every_run_has_its_path_on_the_landscape_of_the_one_in_front(lab):
    stage = lab(f"{SPACE}&versus=learning_rate:0.5&versus=seed:7", pace=0)
    stage.wait_runs(3)
    # Later on they are one over the other.
    stage.seek(3)
    assert colours(stage) == {0, 1, 2}
    before = terrain(stage)
    stage.run_button("Bring seed 7 to the front").click()
    stage.wait_runs(3, front=2)
    # Its points are others, and so is its surface.
    assert terrain(stage) != before
    assert colours(stage) == {0, 1, 2}


def test_bad_camera_in_a_link_is_one_sentence_and_looks_as_at_first(lab):
    plain = terrain(opened(lab))
    stage = opened(lab, f"{SPACE}&camera=up,there")
    alert = stage.page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("camera must be two whole numbers of degrees")
    # The sentence takes some of the room; without it the landscape is as large as the other.
    stage.seek(EPOCHS)
    stage.page.goto(stage.page.url.replace("camera=up,there", "camera=35,28"))
    stage.wait_until_drawn()
    stage.wait_trained(EPOCHS)
    stage.seek(EPOCHS)
    assert terrain(stage) == plain


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_landscape_with_its_arrows(lab, scheme):
    stage = opened(lab, f"{SPACE}&arrows=on", color_scheme=scheme)
    stage.page.mouse.move(0, 0)
    assert findings(stage.page) == []
