"""The charts: Plotly's nodes are made once, and what moves in them is where the run says."""

from __future__ import annotations

import numpy as np
import pytest
from stage import NAMES
from stillness import bounds, measured

from core import Experiment, make_dataset, train

MARK_AND_COUNT = """() => {
    const counted = {added: 0, removed: 0};
    const charts = node => node.nodeType !== 1 ? 0
        : node.querySelectorAll(".js-plotly-plot").length + node.matches(".js-plotly-plot");
    new MutationObserver(changes => {
        for (const {addedNodes, removedNodes} of changes) {
            for (const node of addedNodes) counted.added += charts(node);
            for (const node of removedNodes) counted.removed += charts(node);
        }
    }).observe(document.body, {childList: true, subtree: true});
    document.querySelectorAll(".js-plotly-plot").forEach((node, index) => { node.mark = index; });
    window.counted = counted;
}"""

MARKS = """() => [Array.from(document.querySelectorAll(".js-plotly-plot"), node => node.mark), window.counted]"""

PAINTED = """canvas => {
    const copy = document.createElement("canvas");
    Object.assign(copy, {width: canvas.width, height: canvas.height});
    const context = copy.getContext("2d", {willReadFrequently: true});
    context.drawImage(canvas, 0, 0);
    const {data} = context.getImageData(0, 0, copy.width, copy.height);
    let painted = 0;
    for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
    return painted;
}"""


def least_squares_line(experiment: Experiment) -> tuple[float, float]:
    """w and b of the best line, as NumPy finds them."""
    dataset = make_dataset(experiment)
    w, b = np.polyfit(dataset.x_train[:, 0], dataset.y_train[:, 0], 1)
    return float(w), float(b)


def test_four_charts_stand_and_each_has_moving_traces_painted_over_it(resting):
    assert resting.element.locator("[data-chart]:not([hidden])").evaluate_all(
        "all => all.map(chart => chart.dataset.chart)"
    ) == list(NAMES)
    for name in NAMES:
        assert resting.plot(name).count() == 1
        assert resting.chart(name).locator("canvas").evaluate(PAINTED) > 50, name


def test_painting_follows_the_playhead(resting):
    pictures = set()
    for epoch in (0, 3, 20):
        resting.seek(epoch)
        resting.frames(2)
        pictures.add(resting.chart("loss").locator("canvas").evaluate("canvas => canvas.toDataURL()"))
    assert len(pictures) == 3


def test_plotlys_own_traces_catch_up_when_the_playhead_rests(resting, resting_run):
    _, records = resting_run
    for epoch in (40, 0):
        resting.seek(epoch)
        now = records[epoch]
        resting.wait_rest("loss", "training", (epoch, now.loss))
        resting.wait_rest("loss", "validation", (epoch, now.val_loss))
        resting.wait_rest("parameters", "b", (epoch, now.b))
        resting.wait_rest("parameters", "w", (epoch, now.w))
        resting.wait_rest("surface", "now", (now.b, now.w))
        resting.wait_rest("surface", "path", (now.b, now.w))
        assert resting.trace("loss", "training") == {
            "x": list(range(epoch + 1)),
            "y": [record.loss for record in records[: epoch + 1]],
        }
        assert resting.trace("surface", "path") == {
            "x": [record.b for record in records[: epoch + 1]],
            "y": [record.w for record in records[: epoch + 1]],
        }
        after = records[epoch + 1]
        assert resting.trace("surface", "next step") == {"x": [now.b, after.b], "y": [now.w, after.w]}
        end = resting.trace("data", "line")["x"][-1]
        resting.wait_rest("data", "line", (end, now.b + now.w * end))
        line = resting.trace("data", "line")
        assert line["y"] == [now.b + now.w * x for x in line["x"]]


def test_residuals_reach_from_each_point_to_the_line(resting, resting_run):
    experiment, records = resting_run
    record = records[40]
    dataset = make_dataset(experiment)
    resting.seek(40)
    end = resting.trace("data", "line")["x"][-1]
    resting.wait_rest("data", "line", (end, record.b + record.w * end))
    residuals = resting.trace("data", "residuals")
    points = list(zip(dataset.x_train[:, 0], dataset.y_train[:, 0], strict=True))
    assert residuals["x"] == [value for x, _ in points for value in (x, x, None)]
    assert residuals["y"] == [value for x, y in points for value in (y, record.b + record.w * x, None)]


def test_minimum_and_least_squares_stand_where_numpy_finds_them(resting, resting_run):
    w, b = least_squares_line(resting_run[0])
    minimum = resting.trace("surface", "minimum")
    assert [*minimum["x"], *minimum["y"]] == pytest.approx([b, w])
    line = resting.trace("data", "least squares")
    assert line["y"] == pytest.approx([b + w * x for x in line["x"]])
    for name, value in (("b", b), ("w", w)):
        assert resting.trace("parameters", f"{name} by least squares")["y"] == pytest.approx([value, value])


def test_charts_are_never_rebuilt_by_playing_scrubbing_or_another_learning_rate(lab):
    stage = lab()
    stage.page.evaluate(MARK_AND_COUNT)
    untouched = [[0, 1, 2, 3, 4, 5], {"added": 0, "removed": 0}]
    stage.train()
    stage.wait_for("stage.dataset.epoch > 3")
    assert stage.page.evaluate(MARKS) == untouched
    stage.page.keyboard.press("End")
    stage.wait_state("finished")
    stage.type_number("Learning rate, exactly", "0.037")
    stage.wait_run(list(train(Experiment(learning_rate=0.037))))
    stage.seek(500)
    stage.more()
    stage.choose("Method", "NumPy, gradients by hand")
    stage.wait_run(list(train(Experiment(learning_rate=0.037, method="numpy"))))
    assert stage.page.evaluate(MARKS) == untouched


def test_zoom_survives_playing(lab):
    stage = lab("epochs=150&learning_rate=0.05&seed=4")
    stage.rest()
    before = stage.ranges("loss")
    area = bounds(stage.plot("loss").locator(".nsewdrag"))
    mouse = stage.page.mouse
    mouse.move(area["x"] + area["width"] * 0.25, area["y"] + area["height"] * 0.25)
    mouse.down()
    mouse.move(area["x"] + area["width"] * 0.5, area["y"] + area["height"] * 0.6, steps=4)
    mouse.up()
    stage.page.wait_for_function(
        "before => document.querySelector('[data-chart=loss] .js-plotly-plot').layout.xaxis.range[0] > before + 20",
        arg=before[0][0],
    )
    zoomed = stage.ranges("loss")
    stage.speed.select_option("16")
    stage.click("Replay")
    stage.wait_state("finished")
    end = list(train(Experiment(epochs=150, learning_rate=0.05, seed=4)))[-1]
    stage.wait_rest("parameters", "b", (150, end.b))
    assert stage.ranges("loss") == zoomed
    mouse.dblclick(area["x"] + area["width"] * 0.5, area["y"] + area["height"] * 0.5)
    stage.page.wait_for_function(
        "before => document.querySelector('[data-chart=loss] .js-plotly-plot').layout.xaxis.range[0] === before",
        arg=before[0][0],
    )
    # Zoomed out, the whole curve can be hovered again.
    stage.wait_rest("loss", "training", (150, end.loss))
    assert stage.ranges("loss") == before


def test_axes_stay_put_while_a_run_stays_within_them(lab):
    stage = lab("epochs=300&learning_rate=0.05&seed=5")
    stage.element.evaluate(
        """stage => {
            stage.seen = new Set();
            const look = () => {
                const ranges = Array.from(stage.querySelectorAll(".js-plotly-plot"), plot =>
                    ["xaxis", "yaxis"].map(axis => plot._fullLayout[axis].range.map(Number)));
                stage.seen.add(JSON.stringify(ranges));
                requestAnimationFrame(look);
            };
            look();
        }"""
    )
    stage.speed.select_option("16")
    stage.click("Replay")
    stage.wait_state("finished")
    stage.wait_rest("loss", "training", (stage.epoch, stage.values[2]))
    stage.frames(5)
    assert stage.element.evaluate("stage => stage.seen.size") == 1


@pytest.mark.parametrize("rate", [0.81, 1.1, 5.0], ids="learning rate {}".format)
def test_axes_always_hold_the_point_of_a_run_that_leaves_them(lab, rate):
    stage = lab(f"epochs=1000&learning_rate={rate}", pace=0)
    records = list(train(Experiment(learning_rate=rate)))
    stage.wait_for("+stage.dataset.trained === given", len(records) - 1)
    x = make_dataset(Experiment()).x_train
    first, last = stage.ranges("surface"), {}
    for epoch in (0, len(records) // 2, len(records) - 1, len(records) // 2):
        stage.seek(epoch)
        stage.frames(3)
        now = records[epoch]
        (b_low, b_high), (w_low, w_high) = stage.ranges("surface")
        assert b_low < now.b < b_high
        assert w_low < now.w < w_high
        low, high = stage.ranges("loss")[1]
        assert low < np.log10(now.loss) < high
        (_, latest), (low, high) = stage.ranges("parameters")
        assert low < min(now.b, now.w) <= max(now.b, now.w) < high
        assert epoch < latest <= 2.1 * len(records)
        low, high = stage.ranges("data")[1]
        assert all(low < now.b + now.w * place < high for place in (x.min(), x.max()))
        # An epoch looks the same, whichever way the playhead came there.
        ranges = [stage.ranges(name) for name in NAMES]
        assert last.setdefault(epoch, ranges) == ranges
    assert stage.ranges("surface") != first


def test_loss_under_the_pointer_is_that_of_the_place_also_where_axes_have_widened(lab):
    stage = lab("learning_rate=1.1", pace=0)
    stage.wait_for("+stage.dataset.trained === 14")
    stage.seek(9)
    stage.frames(3)
    place, told = stage.plot("surface").evaluate(
        """plot => {
            const {x, y, customdata} = plot.data.find(trace => trace.type === "contour");
            return [[x[7], y[11]], customdata[11][7]];
        }"""
    )
    dataset = make_dataset(Experiment())
    b, w = place
    assert told == pytest.approx(((b + w * dataset.x_train - dataset.y_train) ** 2).mean())
    (low, high), _ = stage.ranges("surface")
    assert stage.plot("surface").evaluate("plot => [plot.data[0].x[0], plot.data[0].x.at(-1)]") == [low, high]


def test_axes_that_were_zoomed_by_hand_stay_as_they_are_until_a_double_click(lab):
    stage = lab("learning_rate=1.1", pace=0)
    stage.wait_for("+stage.dataset.trained === 14")
    first = stage.ranges("surface")
    area = bounds(stage.plot("surface").locator(".nsewdrag"))
    mouse = stage.page.mouse
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    mouse.move(x - 40, y - 40)
    mouse.down()
    mouse.move(x + 40, y + 40, steps=4)
    mouse.up()
    before = stage.ranges("parameters")
    stage.wait_for(
        "Number(stage.querySelector('[data-chart=surface] .js-plotly-plot').layout.xaxis.range[0]) !== given",
        first[0][0],
    )
    zoomed = stage.ranges("surface")
    assert zoomed != first
    stage.seek(9)
    stage.frames(5)
    assert stage.ranges("surface") == zoomed
    assert stage.ranges("parameters") != before
    mouse.dblclick(x, y)
    stage.wait_for("stage.querySelector('[data-chart=surface] .js-plotly-plot').layout.xaxis.range[1] > 60")


def test_axes_show_start_and_minimum(resting, resting_run):
    experiment, records = resting_run
    (b_low, b_high), (w_low, w_high) = resting.ranges("surface")
    w_min, b_min = least_squares_line(experiment)
    for b, w in ((records[0].b, records[0].w), (b_min, w_min)):
        assert b_low < b < b_high
        assert w_low < w < w_high
    for name in ("loss", "parameters"):
        low, high = resting.ranges(name)[0]
        assert -10 < low <= 0
        assert 150 <= high < 160


def test_loss_axis_changes_between_log_and_linear_and_keeps_it_for_the_next_run(lab):
    stage = lab("epochs=90&learning_rate=0.05")
    stage.rest()

    def kind() -> str:
        return stage.plot("loss").evaluate("plot => plot._fullLayout.yaxis.type")

    assert kind() == "log"
    button = stage.chart("loss").get_by_role("button", name="Vertical axis")
    assert button.get_attribute("aria-label") == "Vertical axis: change to linear"
    button.click()
    stage.page.wait_for_function(
        "() => document.querySelector('[data-chart=loss] .js-plotly-plot')._fullLayout.yaxis.type === 'linear'"
    )
    low, high = stage.ranges("loss")[1]
    assert low == 0
    assert high > next(train(Experiment())).loss
    assert button.get_attribute("aria-label") == "Vertical axis: change to logarithmic"
    stage.type_number("Learning rate, exactly", "0.061")
    stage.wait_run(list(train(Experiment(epochs=90, learning_rate=0.061))))
    stage.rest()
    stage.wait_rest("loss", "training", (90, stage.values[2]))
    assert kind() == "linear"
    button.click()
    stage.page.wait_for_function(
        "() => document.querySelector('[data-chart=loss] .js-plotly-plot')._fullLayout.yaxis.type === 'log'"
    )


def test_hovering_a_point_shows_its_values(resting, resting_run):
    dataset = make_dataset(resting_run[0])
    # The point that is farthest from the others, so that no other can be meant.
    points = np.hstack([dataset.x_train, dataset.y_train])
    apart = np.abs(points[:, None, :] - np.vstack([points, np.hstack([dataset.x_val, dataset.y_val])])).sum(axis=2)
    x, y = points[np.argmax(np.sort(apart, axis=1)[:, 1])].tolist()
    place = measured(
        resting.plot("data"),
        """(plot, [x, y]) => {
            const {xaxis, yaxis} = plot._fullLayout;
            const {left, top} = plot.getBoundingClientRect();
            return [left + xaxis._offset + xaxis.l2p(x), top + yaxis._offset + yaxis.l2p(y)];
        }""",
        [x, y],
    )
    resting.page.mouse.move(place[0] - 3, place[1] - 3)
    resting.page.mouse.move(place[0], place[1], steps=3)
    label = resting.plot("data").locator(".hoverlayer .hovertext")
    label.first.wait_for()
    assert f"{x:.6g}" in label.first.text_content().replace("−", "-")


def pointed_at(stage, epoch: int, loss: float) -> str:
    """What the chart of the loss says where it is pointed at."""
    place = measured(
        stage.plot("loss"),
        """(plot, [x, y]) => {
            const {xaxis, yaxis} = plot._fullLayout;
            const {left, top} = plot.getBoundingClientRect();
            return [left + xaxis._offset + xaxis.l2p(x), top + yaxis._offset + yaxis.l2p(Math.log10(y))];
        }""",
        [epoch, loss],
    )
    stage.page.mouse.move(place[0] + 3, place[1])
    stage.page.mouse.move(place[0], place[1], steps=3)
    label = stage.plot("loss").locator(".hoverlayer .hovertext")
    label.first.wait_for()
    return label.first.text_content()


def test_hovering_the_loss_curve_shows_epoch_and_loss_at_rest(resting, resting_run):
    loss = resting_run[1][75].loss
    resting.wait_rest("loss", "training", (150, resting.values[2]))
    assert "epoch" in pointed_at(resting, 75, loss)


def test_large_numbers_are_pointed_at_with_all_their_digits_and_narrow_spaces(lab):
    experiment = Experiment(epochs=4000, method="numpy", learning_rate=0.001, true_b=100)
    stage = lab("epochs=4000&method=numpy&learning_rate=0.001&true_b=100")
    stage.rest()
    stage.wait_rest("loss", "training", (4000, stage.values[2]))
    losses = [record.loss for record in train(experiment)]
    said = pointed_at(stage, 0, losses[0])
    epoch = int(said.removeprefix("epoch ").split("training")[0])  # one of the first
    assert losses[epoch] > 1000
    assert said == f"epoch {epoch}training {losses[epoch]:_.6g}".replace("_", "\u202f")


def test_thirty_thousand_epochs_draw_hardly_more_points_than_three_thousand(lab):
    stage = lab("epochs=30000&method=numpy&learning_rate=0.02")
    stage.rest()
    b, w, loss = stage.values
    stage.wait_rest("loss", "training", (30000, loss))
    stage.wait_rest("surface", "path", (b, w))
    drawn = stage.trace("loss", "training")["x"]
    assert len(drawn) < 3100
    assert drawn == sorted(set(drawn))
    assert (drawn[0], drawn[-1]) == (0, 30000)
    path = stage.trace("surface", "path")
    assert len(path["x"]) < 2000
    assert (path["x"][-1], path["y"][-1]) == (b, w)


def test_axis_of_epochs_changes_in_both_charts_and_keeps_epoch_0_in_view(lab):
    stage = lab("epochs=90&learning_rate=0.05")
    stage.rest()
    stage.chart("parameters").get_by_role("button", name="Horizontal axis: change to logarithmic").click()
    for name in ("loss", "parameters"):
        stage.wait_for(
            "stage.querySelector(`[data-chart=${given}] .js-plotly-plot`)._fullLayout.xaxis.type === 'log'", name
        )
        low, high = stage.ranges(name)[0]
        assert low < np.log10(0.5) < np.log10(90) < high
        labels = stage.plot(name).locator(".xtick").all_text_contents()
        assert labels == ["0", "1", "10"]
        assert stage.chart(name).get_by_role("button", name="Horizontal axis: change to linear").is_visible()
    stage.chart("loss").get_by_role("button", name="Horizontal axis").click()
    stage.wait_for("stage.querySelector('[data-chart=parameters] .js-plotly-plot')._fullLayout.xaxis.type === 'linear'")


@pytest.mark.parametrize("scale", ["linear", "logarithmic"])
def test_click_into_a_chart_along_epochs_goes_there_and_pauses(lab, scale):
    stage = lab("epochs=150&learning_rate=0.05&seed=3")
    stage.rest()
    if scale == "logarithmic":
        stage.chart("loss").get_by_role("button", name="Horizontal axis").click()
        stage.wait_for("stage.querySelector('[data-chart=loss] .js-plotly-plot')._fullLayout.xaxis.type === 'log'")
    x, y = measured(
        stage.plot("loss"),
        """(plot, epoch) => {
            const {xaxis, yaxis} = plot._fullLayout;
            const {left, top} = plot.getBoundingClientRect();
            return [left + xaxis._offset + xaxis.d2p(epoch), top + yaxis._offset + yaxis._length / 3];
        }""",
        40,
    )
    stage.page.mouse.click(x, y)
    stage.wait_state("paused")
    assert abs(stage.epoch - 40) <= 1
    # A drag is a zoom, not a click.
    before = stage.epoch
    stage.page.mouse.move(x - 30, y)
    stage.page.mouse.down()
    stage.page.mouse.move(x + 30, y + 30, steps=3)
    stage.page.mouse.up()
    stage.frames(10)
    assert stage.epoch == before
