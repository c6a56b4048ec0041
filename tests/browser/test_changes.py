"""When one run gives way to another: what is on the stage always belongs together."""

from __future__ import annotations

from stillness import bounds, wait_still

from core import Experiment, train


def home_range(stage, chart):
    return stage.page.evaluate(
        "name => document.querySelector(`[data-chart=${name}] .js-plotly-plot`).layout.xaxis.range.map(Number)", chart
    )


def test_runs_that_change_back_and_forth_never_mix(lab):
    stage = lab("epochs=12")
    runs = {epochs: list(train(Experiment(epochs=epochs))) for epochs in (12, 24)}
    for epochs in (24, 12, 24, 12):
        stage.type_number("Epochs, exactly", str(epochs))
        stage.wait_for("Number(stage.dataset.trained) === given", epochs)
        stage.page.evaluate("document.activeElement.blur()")
        stage.rest()
        wait_still(stage.page)
        low, high = home_range(stage, "loss")
        assert low < 0 < epochs < high < 1.1 * epochs
        assert stage.values[0] == runs[epochs][-1].b


def test_the_code_on_the_stage_is_that_of_the_run_on_it(lab):
    stage = lab("epochs=5&method=numpy")
    stage.more()
    for option, code in (("PyTorch autograd", "no_grad"), ("NumPy, gradients by hand", "b_grad")) * 2:
        stage.choose("Method", option)
        stage.wait_for("stage.querySelector('.code').textContent.includes(given)", code)
        method = "autograd" if code == "no_grad" else "numpy"
        records = list(train(Experiment(epochs=5, method=method)))
        stage.wait_run(records)
        stage.wait_state("finished")
        assert stage.values[0] == records[-1].b


def test_a_double_click_leads_back_to_the_axes_of_the_figure_that_is_shown(lab):
    stage = lab("epochs=12")
    stage.rest()
    stage.type_number("Epochs, exactly", "48")
    stage.wait_for("Number(stage.dataset.trained) === 48")
    stage.page.evaluate("document.activeElement.blur()")
    stage.rest()
    area = bounds(stage.element.locator("[data-chart=loss] .nsewdrag").first)
    at_home = home_range(stage, "loss")
    x, y = area["x"], area["y"] + area["height"] / 2
    stage.page.mouse.move(x + 0.3 * area["width"], y)
    stage.page.mouse.down()
    stage.page.mouse.move(x + 0.6 * area["width"], y, steps=5)
    stage.page.mouse.up()
    stage.page.wait_for_function(
        "home => { const r = document.querySelector('[data-chart=loss] .js-plotly-plot').layout.xaxis.range;"
        " return r[1] - r[0] < 0.5 * (home[1] - home[0]); }",
        arg=at_home,
    )
    stage.page.mouse.dblclick(x + 0.5 * area["width"], y)
    stage.page.wait_for_function(
        "home => { const r = document.querySelector('[data-chart=loss] .js-plotly-plot').layout.xaxis.range;"
        " return Math.abs(r[0] - home[0]) < 1e-9 && Math.abs(r[1] - home[1]) < 1e-9; }",
        arg=at_home,
    )


def test_after_a_click_on_train_the_arrows_are_the_players(lab):
    stage = lab(pace=0)
    stage.train()
    stage.wait_trained(1000)
    stage.page.keyboard.press("ArrowRight")
    stage.wait_state("paused")
    before = stage.epoch
    stage.page.keyboard.press("ArrowRight")
    assert stage.epoch == before + 1


def test_a_long_run_from_the_controls_is_announced_before_it_starts(lab):
    stage = lab()
    stage.type_number("N, exactly", "1000000")
    stage.type_number("Epochs, exactly", "100000")
    stage.wait_for("stage.querySelector('[role=status]')?.textContent.includes('Press Train to start it all the same')")
    assert stage.state == "idle"


def test_what_is_asked_for_in_the_moment_in_which_the_stage_asks_is_not_lost(lab):
    stage = lab("epochs=60")
    stage.rest()
    stage.hurry(0)
    train_button = stage.page.get_by_role("button", name="Train", exact=True).element_handle()
    # A beat of which the stage knows nothing, and a click before Streamlit has sent the question.
    stage.element.evaluate(
        """(stage, train) => {
            stage.querySelector("[aria-label='Next beat']").click();
            train.click();
        }""",
        train_button,
    )
    stage.wait_state("playing")
    assert stage.place == (0, "")
