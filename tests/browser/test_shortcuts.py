"""Single keys can be switched off, and one list names all of them."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from stage import Stage
from stillness import wait_still
from test_course_walk import quiet

NOTHING_KEPT = """for (const name of ["getItem", "setItem"]) {
    Storage.prototype[name] = () => { throw new DOMException("denied", "SecurityError"); };
}"""
"""A browser that keeps nothing, as in an iframe with a sandbox."""

PRESSED = """([selector, key, more]) => {
    const event = new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true, ...more});
    (selector ? document.querySelector(selector) : document.body).dispatchEvent(event);
    return event.defaultPrevented;
}"""
"""A key as a layout may have it: what it writes, with what is held down beside it. Whether somebody took it."""


def key_list(stage):
    return stage.page.get_by_role("dialog", name="Keys", exact=True)


def switch_keys(stage, to: str) -> None:
    stage.page.get_by_role("button", name="Tools", exact=True).click()
    # By its name alone: the state is none of it.
    switch = stage.page.get_by_role("switch", name="Single keys", exact=True)
    switch.click()
    expect(switch).to_be_checked(checked=to == "on")
    expect(switch).to_have_text(f"Single keys: {to}")
    stage.page.keyboard.press("Escape")


def tooltips(stage) -> dict[str, str]:
    return dict(
        stage.element.locator(".bar button").evaluate_all(
            "all => Object.fromEntries(all.map(button => [button.ariaLabel, button.title]))"
        )
    )


KEYS = {
    "Home": 0,
    "ArrowRight": 1,
    "l": 11,
    "PageUp": 26,
    "j": 16,
    "PageDown": 1,
    "ArrowLeft": 0,
    "5": 75,
    "End": 150,
}
"""By key, pressed one after the other, the epoch to which it leads in a run of 150."""


def test_each_key_of_the_list_acts_and_each_that_acts_is_in_the_list(resting):
    resting.page.keyboard.press("?")
    caps = key_list(resting).locator("kbd").all_inner_texts()
    assert set(caps) == {
        *(
            "Space",
            "K",
            "→",
            "←",
            "L",
            "J",
            "Page Up",
            "Page Down",
            "Home",
            "End",
            "0 to 9",
            ".",
            ",",
            ">",
            "<",
            "S",
            "P",
            "?",
        )
    }
    assert all(key_list(resting).locator("dd").all_inner_texts())
    resting.page.keyboard.press("Escape")
    expect(key_list(resting)).to_be_hidden()
    for key, epoch in KEYS.items():
        resting.page.keyboard.press(key)
        assert resting.epoch == epoch, key


def test_list_of_keys_is_in_the_menu_too_and_axe_finds_nothing_in_it(lab):
    for scheme in ("light", "dark"):
        stage = lab("epochs=60", color_scheme=scheme)
        stage.rest()
        stage.page.get_by_role("button", name="Tools", exact=True).click()
        stage.page.get_by_role("button", name="List of keys (?)", exact=True).click()
        key_list(stage).wait_for()
        wait_still(stage.page)
        found = Axe().run(stage.page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        stage.page.keyboard.press("Home")
        assert stage.epoch == 60, "the keys are the list's"
        key_list(stage).get_by_role("button", name="Close").click()
        assert key_list(stage).is_hidden()


def test_with_single_keys_off_none_acts_and_no_tooltip_names_one(resting):
    assert tooltips(resting)["Play"] == "Play (space)"
    assert tooltips(resting)["Next beat"].endswith("(.)")
    switch_keys(resting, "off")
    assert not [title for title in tooltips(resting).values() if "(" in title]
    resting.page.evaluate("document.activeElement.blur()")
    resting.seek(40)
    resting.page.evaluate("document.activeElement.blur()")
    for key in (*KEYS, "Space", "k", ".", ",", "<", ">", "?", "Shift+ArrowRight"):
        resting.page.keyboard.press(key)
        assert (resting.place, resting.state) == ((40, ""), "paused"), key
    assert resting.speed.input_value() == "1"
    assert key_list(resting).is_hidden()
    # What has the focus keeps its own keys.
    resting.slider.focus()
    resting.slider.press("ArrowRight")
    assert resting.epoch == 41
    resting.slider.press("End")
    assert resting.epoch == 150
    resting.button("Previous epoch").press("Space")
    assert resting.epoch == 149
    switch_keys(resting, "on")
    resting.page.keyboard.press("Home")
    assert resting.epoch == 0
    assert tooltips(resting)["Next epoch"] == "Next epoch (→)"


def test_choice_is_kept_for_the_next_visit_and_holds_in_the_course(lab):
    stage = lab("epochs=60", pace=0)
    stage.rest()
    switch_keys(stage, "off")
    stage.reload()
    stage.wait_trained(60)
    stage.seek(30)
    stage.page.evaluate("document.activeElement.blur()")
    stage.page.keyboard.press("Home")
    assert stage.epoch == 30
    assert tooltips(stage)["Next epoch"] == "Next epoch"
    stage.way("Course").click()
    stage.page.locator(".st-key-course-next a").wait_for()
    quiet(stage.page)
    assert not stage.page.evaluate(PRESSED, [None, "ArrowRight", {}])
    stage.page.evaluate("localStorage.clear()")
    assert stage.page.evaluate(PRESSED, [None, "ArrowRight", {}])


def test_choice_in_one_tab_is_that_of_another(lab):
    one, other = lab("epochs=60"), lab("epochs=60")
    switch_keys(one, "off")
    other.wait_for("stage.querySelector('[aria-label=\"Next epoch\"]').title === 'Next epoch'")


def test_where_nothing_can_be_kept_the_choice_holds_for_the_page(visitors):
    page = visitors.come()
    page.add_init_script(NOTHING_KEPT)
    stage = Stage(page)
    stage.open("epochs=60")
    stage.rest()
    switch_keys(stage, "off")
    stage.seek(30)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Home")
    assert stage.epoch == 30
    switch_keys(stage, "on")
    page.keyboard.press("Home")
    assert stage.epoch == 0


@pytest.mark.parametrize(
    ("key", "held"),
    [
        ("?", {"code": "Minus", "shiftKey": True}),
        ("?", {"code": "KeyM", "shiftKey": True}),
        (">", {"code": "IntlBackslash", "shiftKey": True}),
        ("<", {"code": "IntlBackslash"}),
        ("5", {"code": "Digit5", "shiftKey": True}),
        ("K", {"code": "KeyK"}),
    ],
    ids=["? on German", "? on French", "> on German", "< on German", "5 on French", "k with caps lock"],
)
def test_what_a_key_writes_counts_and_not_where_it_lies(resting, key, held):
    assert resting.page.evaluate(PRESSED, [None, key, held])
    if key == "?":
        key_list(resting).get_by_role("button", name="Close").click()


def test_signs_that_need_alt_gr_reach_the_points_and_commands_do_not(lab):
    stage = lab("epochs=60&hand=on", pace=0)
    stage.wait_trained(60)
    layer = "[data-chart=data] .grip"
    for held in ({"altKey": True, "ctrlKey": True}, {"altKey": True}, {}):
        assert stage.page.evaluate(PRESSED, [layer, "]", held]), held
    for key, held in (("]", {"ctrlKey": True}), ("n", {"altKey": True}), ("n", {"metaKey": True})):
        assert not stage.page.evaluate(PRESSED, [layer, key, held]), (key, held)
