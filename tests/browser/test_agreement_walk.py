"""The agreement of ways to compute, as it is seen: the gradient at the playhead, and the methods at the end."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from core import Experiment, make_dataset, train
from core.insight.agreement import ways_of

TITLES = {"numpy": "By hand", "autograd": "Autograd", "optimizer": "Optimizer", "loss_fn": "Loss", "module": "Module"}


def plain(text: str) -> float:
    return float(text.replace("\u2212", "-").replace("\u202f", ""))


def table(stage, name: str) -> list[list[str]]:
    script = "table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent))"
    return list(stage.element.locator(f".agreement .{name}").evaluate(script))


def wait_gradients(stage, epoch: int) -> dict[str, list[str]]:
    """The cells beside the name of each way, once they are those of this epoch."""
    stage.wait_for("stage.querySelector('.gradients .place')?.textContent === given", f"Epoch {epoch}")
    _, *rows = table(stage, "gradients")
    return {name: cells for name, *cells in rows}


def wait_methods(stage) -> None:
    stage.wait_for("stage.querySelectorAll('.methods tbody').length === 2")


def assert_methods(stage, experiment: Experiment) -> None:
    """They are those that each method has in the end, when it trains alone."""
    expected = {method: list(train(one))[-1] for method, one in ways_of(experiment).items()}
    half = 1 + len(expected)
    rows = table(stage, "methods")
    assert [row[0] for row in rows[1:half]] == [row[0] for row in rows[half + 1 :]] == [TITLES[one] for one in expected]
    for (method, record), first, second in zip(expected.items(), rows[1:half], rows[half + 1 :], strict=True):
        kind = np.float64 if method == "numpy" else np.float32
        assert [kind(text.replace("\u2212", "-")) for text in (first[1], first[3])] == [record.b, record.w]
        assert np.float32(second[1]) == np.float32(record.loss)


def test_gradients_are_those_of_the_points_wherever_the_playhead_stands(lab):
    stage = lab("epochs=60&panel=agreement")
    stage.rest()
    experiment = Experiment(epochs=60)
    dataset, records = make_dataset(experiment), list(train(experiment))
    x, y = dataset.x_train[:, 0].tolist(), dataset.y_train[:, 0].tolist()
    for epoch in (60, 0, 23):
        stage.seek(epoch)
        found = wait_gradients(stage, epoch)
        record = records[epoch]
        errors = [record.b + record.w * at - high for at, high in zip(x, y, strict=True)]
        b_grad = sum(2 * error for error in errors) / len(errors)
        w_grad = sum(2 * at * error for at, error in zip(x, errors, strict=True)) / len(errors)
        assert list(found) == ["by hand", "autograd", "differences", "closed form"]
        for way, (b, b_steps, w, w_steps) in found.items():
            close = 1e-5 if way == "autograd" else 1e-8
            assert [plain(b), plain(w)] == pytest.approx([b_grad, w_grad], rel=close), way
            if way in ("by hand", "differences"):
                assert (b_steps, w_steps) == ("0", "0")
        assert [plain(found["autograd"][j]) for j in (0, 2)] == pytest.approx([record.b_grad, record.w_grad], rel=5e-9)


@pytest.mark.parametrize("method", ["autograd", "numpy"])
def test_five_methods_stand_beside_one_another_once_the_run_has_ended(lab, method):
    stage = lab(f"epochs=90&panel=agreement&method={method}")
    wait_methods(stage)
    assert_methods(stage, Experiment(epochs=90, method=method))
    shown = stage.element.locator(".methods .shown th")
    assert set(shown.all_inner_texts()) == {TITLES[method]}
    assert stage.element.locator(".methods mark").count() > 0
    assert stage.element.locator(".methods .shown mark").count() == 0
    expect(stage.element.locator(".agreement")).to_contain_text("By hand starts elsewhere")


def test_of_another_optimizer_there_are_three_and_it_is_said_why(lab):
    stage = lab("epochs=30&panel=agreement&method=module&optimizer=adam&batch_size=16&reduction=sum")
    wait_methods(stage)
    fields = {"epochs": 30, "method": "module", "optimizer": "adam", "batch_size": 16, "reduction": "sum"}
    assert_methods(stage, Experiment(**fields))
    expect(stage.element.locator(".agreement")).to_contain_text("By hand and Autograd know no adam")


def test_a_run_that_diverges_is_compared_where_all_methods_are(lab):
    stage = lab("epochs=400&panel=agreement&learning_rate=3")
    wait_methods(stage)
    ends = [len(list(train(one))) - 1 for one in ways_of(Experiment(epochs=400, learning_rate=3)).values()]
    place = stage.element.locator(".methods .place").first
    expect(place).to_have_text(f"Epoch {min(ends)}")


def test_it_is_that_of_the_run_in_front(lab):
    stage = lab("epochs=40&panel=agreement&versus=seed:7&front=1")
    wait_methods(stage)
    assert_methods(stage, Experiment(epochs=40, seed=7))
    stage.runs.locator(".chip .name").first.click()
    stage.wait_runs(2, front=0)
    first = str(np.float32(list(train(Experiment(epochs=40)))[-1].b))
    stage.wait_for("stage.querySelector('.methods .shown .digits')?.textContent === given", first)
    assert_methods(stage, Experiment(epochs=40))


def test_while_it_plays_the_gradients_follow(lab):
    stage = lab("epochs=5000&panel=agreement", pace=0)
    stage.wait_trained(5000)
    wait_gradients(stage, 0)
    stage.wait_and_hold(
        """stage.dataset.state === 'playing'
            && Number(stage.querySelector('.gradients .place').textContent.replaceAll(/\\D/g, '')) > 20""",
        pace=1,
    )


LONG = {
    "scene": "one",
    "announced": "To train the other methods as well would take about 4 minutes here.",
    "share": 0,
    "methods": None,
}


def test_what_takes_long_is_trained_at_the_press_of_a_button(blank_page):
    asked = blank_page.evaluate(
        """async told => {
            const { Agreement } = await import("/app/static/stage/panels/agreement.js");
            let asked = 0;
            const panel = new Agreement(document.body, {ask: () => (asked += 1), fulfils: () => true});
            panel.show("one", { methods: [] });
            panel.receive(told);
            const button = document.querySelector("button");
            const before = [panel.pending, button.checkVisibility(), panel.wanted];
            button.click();
            panel.receive({ ...told, announced: "", share: 0.25 });
            const words = document.querySelector(".agreement").textContent;
            return [...before, asked, panel.wanted, panel.pending, button.checkVisibility(), words.includes("25 %")];
        }""",
        LONG,
    )
    assert asked == [False, True, None, 1, "one", True, False, True]
