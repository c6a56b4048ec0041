"""The five ways to write the four steps, over the code that they change: by mouse, by keys, by finger."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from stillness import bounds, measured, wait_still

from core import Experiment, train

TITLES = {"numpy": "By hand", "autograd": "Autograd", "optimizer": "Optimizer", "loss_fn": "Loss", "module": "Module"}

LINES = {
    "numpy": "w_grad = 2 * (x * error).mean()",
    "autograd": "with torch.no_grad():",
    "optimizer": "optimizer = torch.optim.SGD([b, w], lr=lr)",
    "loss_fn": "loss = loss_fn(yhat, y)",
    "module": "yhat = model(x)",
}
"""A line of each that the way before it has not."""


def switch(stage):
    return stage.element.get_by_role("radiogroup", name="Way to write the four steps")


def radio(stage, method: str):
    return switch(stage).get_by_role("radio", name=TITLES[method], exact=True)


def wait_method(stage, method: str) -> None:
    """Wait until the stage has another method, and the switch shows it as the only one chosen."""
    stage.wait_for(
        """(chosen => chosen.length === 1 && chosen[0].textContent === given)
            (stage.querySelectorAll("[role=radio][aria-checked=true]"))""",
        TITLES[method],
    )


def wait_method_of_link(stage, method: str) -> None:
    """Wait until the link names the method; the default one it need not name."""
    stage.page.wait_for_function(
        "method => (new URLSearchParams(location.search).get('method') ?? 'autograd') === method", arg=method
    )


def test_link_code_and_run_follow_the_switch_there_and_back(lab):
    stage = lab("epochs=20&learning_rate=0.05")
    assert [one.inner_text() for one in switch(stage).get_by_role("radio").all()] == list(TITLES.values())
    wait_method(stage, "autograd")
    for method in (*TITLES, "loss_fn", "numpy"):
        radio(stage, method).click()
        wait_method(stage, method)
        wait_method_of_link(stage, method)
        *_, last = train(Experiment(method=method, epochs=20, learning_rate=0.05))
        stage.wait_trained(20)
        stage.page.keyboard.press("End")
        stage.wait_for("given === `${stage.dataset.epoch} ${Number(stage.dataset.b)}`", f"20 {last.b!r}")
        assert stage.values == (last.b, last.w, last.loss)
        shown = stage.element.locator(".code").inner_text()
        assert LINES[method] in " ".join(shown.split())
        assert all(line not in shown for other, line in LINES.items() if other not in (method, "optimizer", "loss_fn"))
        assert ("self." in shown) == (method == "module")
    query = parse_qs(urlsplit(stage.page.url).query)
    assert query == {"epochs": ["20"], "learning_rate": ["0.05"], "method": ["numpy"]}


def test_a_way_that_cannot_use_the_optimizer_says_so_and_the_stage_and_its_switch_stay(lab):
    stage = lab("epochs=20&method=module&optimizer=adam")
    stage.rest()
    before = stage.values
    radio(stage, "numpy").click()
    stage.page.get_by_text("cannot use optimizer 'adam'").wait_for()
    wait_method(stage, "module")
    assert stage.values == before
    radio(stage, "module").click()
    stage.page.get_by_text("cannot use optimizer 'adam'").wait_for(state="detached")
    radio(stage, "loss_fn").click()
    wait_method(stage, "loss_fn")


def test_arrows_choose_within_the_group_and_the_tab_key_passes_it_in_one_step(lab):
    stage = lab("epochs=20")
    stage.rest()
    radio(stage, "autograd").focus()
    for key, method in (
        *(("ArrowRight", "optimizer"), ("ArrowDown", "loss_fn"), ("ArrowUp", "optimizer"), ("ArrowLeft", "autograd")),
        *(("ArrowLeft", "numpy"), ("ArrowLeft", "module"), ("ArrowRight", "numpy")),
    ):
        stage.page.keyboard.press(key)
        wait_method(stage, method)
        stage.wait_for("document.activeElement.textContent === given", TITLES[method])
        assert switch(stage).locator("[tabindex='0']").all_inner_texts() == [TITLES[method]]
    stage.page.keyboard.press("Tab")
    assert stage.page.evaluate("document.activeElement.closest('[role=radiogroup]')") is None
    stage.page.keyboard.press("Shift+Tab")
    assert stage.page.evaluate("document.activeElement.textContent") == "By hand"


def test_arrows_in_the_group_are_not_the_players(lab):
    stage = lab("epochs=20&n=30", pace=0)
    stage.wait_trained(20)
    stage.seek(7)
    assert stage.epoch == 7
    radio(stage, "autograd").press("Shift+ArrowLeft")
    # The run starts anew, from epoch 0 and not from 10 before the seventh.
    wait_method(stage, "numpy")
    stage.wait_epoch(0)


@pytest.mark.parametrize(
    "query",
    [
        *("method=numpy", "method=autograd&batch_size=16", "method=optimizer&optimizer=momentum"),
        *("method=loss_fn&optimizer=momentum&batch_size=16", "method=module&optimizer=momentum", "method=module"),
    ],
)
def test_all_the_code_is_seen_without_scrolling(lab, query):
    # No other run has as many points, so this one is trained alone and the code's panel has nothing to add.
    stage = lab(f"epochs=20&learning_rate=0.01&n=217&{query}")
    stage.rest()
    wait_still(stage.page)
    code = stage.element.locator(".code")
    assert code.evaluate("code => code.scrollHeight - code.clientHeight") <= 0
    sizes = code.locator("pre").evaluate_all("all => all.map(pre => parseFloat(getComputedStyle(pre).fontSize))")
    heading = code.locator("h3").first.evaluate("h3 => parseFloat(getComputedStyle(h3).fontSize)")
    assert min(sizes) >= 0.75 * heading


def test_on_a_phone_it_is_one_row_as_wide_as_the_stage_for_a_finger(lab):
    stage = lab("epochs=20", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    stage.wait_trained(20)
    wait_still(stage.page)
    row, code = bounds(switch(stage)), bounds(stage.element.locator(".code"))
    assert (row["x"], row["width"]) == (code["x"], code["width"])
    buttons = measured(switch(stage), "row => [...row.children].map(one => one.getBoundingClientRect().toJSON())")
    assert len({button["y"] for button in buttons}) == 1
    for button in buttons:
        assert min(button["width"], button["height"]) >= 44
    assert max(switch(stage).locator("button").evaluate_all("all => all.map(b => b.scrollWidth - b.clientWidth)")) <= 0
    radio(stage, "module").tap()
    wait_method(stage, "module")
