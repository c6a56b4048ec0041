"""The training points row by row, against a loop over them; and how a row and its point light one another up."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hand import Mouse, points_of, released, takes_up, under
from playwright.sync_api import expect
from stillness import bounds

from core import Experiment, make_dataset, train
from core.geometry.landscape import landscapes_of

HEADS = ["#", "x", "y", "ŷ", "error", "error²", "2·error", "2·x·error"]


def plain(text: str) -> float:
    return float(text.replace("\u2212", "-").replace("\u202f", ""))


def computed(dataset, b: float, w: float) -> dict[int, list[float]]:
    """By the number of a point what there is to say of it."""
    found = {}
    for x, y, number in zip(dataset.x_train[:, 0], dataset.y_train[:, 0], dataset.order, strict=False):
        error = b + w * x - y
        found[int(number)] = [x, y, b + w * x, error, error**2, 2 * error, 2 * x * error]
    return found


def body(stage):
    return stage.element.locator(".rows tbody tr:not(.spacer)")


def rows(stage) -> list[list[float]]:
    """The rows that are in the page."""
    texts = body(stage).evaluate_all("all => all.map(row => [...row.cells].map(cell => cell.textContent))")
    return [list(map(plain, row)) for row in texts]


def total(stage) -> list[str]:
    return list(stage.element.locator(".rows tfoot tr").evaluate("row => [...row.cells].map(cell => cell.textContent)"))


def head(stage, name: str):
    return stage.element.locator(".rows thead").get_by_role("button", name=name, exact=True)


def assert_rows_are(stage, dataset, record) -> None:
    assert_rows(rows(stage), total(stage), dataset, record)


def assert_rows(found: list[list[float]], sums: list[str], dataset, record) -> None:
    expected = computed(dataset, record.b, record.w)
    largest = [max(abs(values[j]) for values in expected.values()) for j in range(7)]
    assert found
    for number, *values in found:
        for value, exact, most in zip(values, expected[int(number)], largest, strict=True):
            # Five digits of the largest, three of what has a power of ten.
            assert abs(value - exact) <= max(6e-5 * max(most, 1.0), 5e-3 * (most >= 1e6) * abs(exact)), (number, values)
    *_, error, square, b_term, w_term = sums
    assert abs(plain(square) - record.loss) <= 5e-3 * abs(record.loss)
    assert abs(plain(b_term) - record.b_grad) <= 1e-2 * abs(record.b_grad) + 5e-5
    assert abs(plain(w_term) - record.w_grad) <= 1e-2 * abs(record.w_grad) + 5e-5
    assert abs(plain(error) - record.b_grad / 2) <= 1e-2 * abs(record.b_grad) + 5e-5


def test_rows_are_what_a_loop_over_the_points_computes_wherever_the_playhead_is(lab):
    stage = lab("epochs=40&panel=rows&n=30&seed=5")
    stage.rest()
    experiment = Experiment(epochs=40, n=30, seed=5)
    dataset, records = make_dataset(experiment), list(train(experiment))
    assert stage.element.locator(".rows thead th").all_inner_texts() == HEADS
    for epoch in (0, 1, 17, 40):
        stage.seek(epoch)
        stage.wait_values(records[epoch])
        assert_rows_are(stage, dataset, records[epoch])
        assert total(stage)[0] == "mean"


def test_the_rows_follow_while_it_plays(lab):
    stage = lab("epochs=400&panel=rows", pace=0)
    stage.wait_trained(400)
    before = rows(stage)
    stage.hurry(1)
    stage.wait_and_hold("Number(stage.dataset.epoch) > 5 && Number(stage.dataset.epoch) < 400")
    stage.frames(3)
    record = list(train(Experiment(epochs=400)))[stage.epoch]
    assert rows(stage) != before
    assert_rows_are(stage, make_dataset(Experiment()), record)


def test_a_sum_is_a_sum_and_standardised_columns_are_said(lab):
    stage = lab("epochs=5&panel=rows&reduction=sum&learning_rate=0.001&standardize=xy&batch_size=16&method=module")
    stage.rest()
    stage.seek(2)
    experiment = Experiment(
        epochs=5, reduction="sum", learning_rate=0.001, standardize="xy", batch_size=16, method="module"
    )
    records = list(train(experiment))
    stage.wait_values(records[2])
    assert_rows_are(stage, make_dataset(experiment), records[2])
    assert total(stage)[0] == "sum"
    note = stage.element.locator(".rows .remark").inner_text()
    assert "All training points: an update sees a batch of them." in note
    assert "x and y standardised" in note
    stage.wait_for("stage.querySelector('.update')?.textContent.startsWith('batch 1 of 5: 16 points')")


def test_the_update_that_follows_leads_to_the_next_record(lab):
    stage = lab("epochs=5&panel=rows")
    stage.rest()
    expect(stage.element.locator(".update")).to_have_text("The run ends here: no update follows.")
    records = list(train(Experiment(epochs=5)))
    for epoch in (0, 3):
        stage.seek(epoch)
        digits = 4 if records[epoch + 1].b >= 1 else 5
        stage.wait_for(
            "stage.querySelector('.update li')?.textContent.endsWith(given)", f"= {records[epoch + 1].b:.{digits}f}"
        )
        lines = stage.element.locator(".update li").all_inner_texts()
        for name, line, grad in zip("bw", lines, (records[epoch].b_grad, records[epoch].w_grad), strict=True):
            before, after = getattr(records[epoch], name), getattr(records[epoch + 1], name)
            start, rest = line.split(" ← ")[1].split(" − 0.1 × ")
            factor, result = rest.split(" = ")
            assert line.startswith(f"{name} ← ")
            found = [plain(start), plain(factor.strip("()")), plain(result)]
            assert all(abs(a - b) <= 1e-4 * max(abs(b), 1) for a, b in zip(found, (before, grad, after), strict=True))


def test_a_head_sorts_and_sorts_back_by_mouse_and_by_key(lab):
    stage = lab("epochs=20&panel=rows")
    stage.rest()
    cells = {name: stage.element.locator(".rows thead th").nth(j) for j, name in enumerate(HEADS)}
    expect(cells["#"]).to_have_attribute("aria-sort", "ascending")
    assert [row[0] for row in rows(stage)] == sorted(row[0] for row in rows(stage))
    head(stage, "error").click()
    expect(cells["error"]).to_have_attribute("aria-sort", "ascending")
    assert stage.element.locator("[aria-sort]").count() == 1
    found = [row[4] for row in rows(stage)]
    experiment = Experiment(epochs=20)
    record = list(train(experiment))[-1]
    errors = sorted(values[3] for values in computed(make_dataset(experiment), record.b, record.w).values())
    assert found == sorted(found)
    assert abs(found[0] - errors[0]) < 1e-4
    head(stage, "error").press("Enter")
    expect(cells["error"]).to_have_attribute("aria-sort", "descending")
    assert abs(rows(stage)[0][4] - errors[-1]) < 1e-4
    head(stage, "x").focus()
    stage.page.keyboard.press("Space")
    expect(cells["x"]).to_have_attribute("aria-sort", "ascending")
    assert [row[1] for row in rows(stage)] == sorted(row[1] for row in rows(stage))
    assert stage.state == "finished"


def place_of(stage, number: int, dataset) -> tuple[float, float]:
    """Where the point with this number is on the screen."""
    index = dataset.order.tolist().index(number)
    (x_low, x_high), (y_low, y_high) = stage.ranges("data")
    area = bounds(stage.chart("data").locator("canvas"))
    x, y = dataset.x_train[index, 0], dataset.y_train[index, 0]
    return (
        area["x"] + (x - x_low) / (x_high - x_low) * area["width"],
        area["y"] + (1 - (y - y_low) / (y_high - y_low)) * area["height"],
    )


def marked(stage) -> list[int]:
    numbers = stage.element.locator(".rows .marked th").all_inner_texts()
    return [int(number) for number in numbers]


def assert_lit(stage, number: int, dataset) -> None:
    """The ring in the chart is around that point, and its row is marked."""
    spot = bounds(stage.chart("data").locator(".spot"))
    x, y = place_of(stage, number, dataset)
    assert abs(spot["x"] + spot["width"] / 2 - x) <= 1.5
    assert abs(spot["y"] + spot["height"] / 2 - y) <= 1.5
    assert marked(stage) == [number]


def test_a_row_that_is_pointed_at_lights_up_its_point(lab):
    stage = lab("epochs=20&panel=rows")
    stage.rest()
    dataset = make_dataset(Experiment())
    spot = stage.chart("data").locator(".spot")
    expect(spot).to_be_hidden()
    for place in (2, 5):
        row = body(stage).nth(place)
        row.hover()
        assert_lit(stage, int(row.locator("th").inner_text()), dataset)
    stage.page.mouse.move(5, 5)
    expect(spot).to_be_hidden()
    assert marked(stage) == []


def test_a_point_that_is_pointed_at_brings_its_row_into_view_within_the_table(lab):
    stage = lab("epochs=20&panel=rows")
    stage.rest()
    dataset = make_dataset(Experiment())
    number = max(dataset.order[: len(dataset.x_train)].tolist())
    assert number not in [row[0] for row in rows(stage)]
    stage.page.mouse.move(*place_of(stage, number, dataset))
    stage.wait_for("Number(stage.querySelector('.rows .marked th')?.textContent) === given", number)
    row, area = bounds(stage.element.locator(".rows .marked")), bounds(stage.element.locator(".rows .scroller"))
    foot = bounds(stage.element.locator(".rows tfoot"))
    assert area["y"] < row["y"]
    assert row["y"] + row["height"] <= foot["y"] + 1
    assert_lit(stage, number, dataset)
    assert stage.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0


def test_arrow_keys_lead_from_row_to_row(lab):
    stage = lab("epochs=20&panel=rows")
    stage.rest()
    dataset = make_dataset(Experiment())
    numbers = sorted(dataset.order[: len(dataset.x_train)].tolist())
    table = stage.element.get_by_role("grid")
    table.focus()
    for step in range(30):
        stage.page.keyboard.press("ArrowDown")
        assert marked(stage) == [numbers[step]]
    assert_lit(stage, numbers[29], dataset)
    expect(table).to_have_attribute("aria-activedescendant", "marked-row")
    stage.page.keyboard.press("ArrowUp")
    assert marked(stage) == [numbers[28]]
    # The other arrows are the player's.
    stage.page.keyboard.press("ArrowLeft")
    stage.wait_epoch(19)


def test_a_finger_lights_up_a_point_by_its_row_and_a_row_by_its_point(lab):
    stage = lab("epochs=20&panel=rows", viewport={"width": 1024, "height": 768}, has_touch=True)
    stage.rest()
    dataset = make_dataset(Experiment())
    row = body(stage).nth(3)
    number = int(row.locator("th").inner_text())
    row.tap()
    assert_lit(stage, number, dataset)
    other = dataset.order[40].item()
    stage.page.touchscreen.tap(*place_of(stage, other, dataset))
    stage.wait_for("stage.querySelector('.rows .marked')")
    found = marked(stage)[0]
    place, wanted = place_of(stage, found, dataset), place_of(stage, other, dataset)
    assert max(abs(a - b) for a, b in zip(place, wanted, strict=True)) < 1
    assert_lit(stage, found, dataset)


def test_of_a_million_points_the_first_thousand_are_there_and_few_of_them_in_the_page(lab):
    stage = lab("epochs=2&n=1000000&panel=rows")
    stage.rest()
    experiment = Experiment(epochs=2, n=1_000_000)
    *_, record = train(experiment)
    dataset = make_dataset(experiment)
    assert_rows_are(stage, dataset, record)
    note = stage.element.locator(".rows .remark").inner_text()
    assert note == "The first 1\u202f000 of 800\u202f000 training points; the mean is that of all."
    assert body(stage).count() < 60
    first = sorted(dataset.order[:1000].tolist())
    assert [row[0] for row in rows(stage)][:3] == first[:3]
    stage.element.locator(".rows .scroller").evaluate("area => area.scrollTo(0, area.scrollHeight)")
    stage.wait_for("[...stage.querySelectorAll('.rows tbody th')].at(-1).textContent === String(given)", first[-1])
    assert body(stage).count() < 60


def test_the_rows_are_those_of_the_run_in_front(lab):
    stage = lab("epochs=30&panel=rows&versus=learning_rate:0.5&versus=seed:7&front=2", pace=0)
    changes = ({}, {"learning_rate": 0.5}, {"seed": 7})
    experiments = [Experiment(epochs=30, **change) for change in changes]
    records = [list(train(experiment))[11] for experiment in experiments]
    for run in (2, 1, 0):
        if run < 2:
            stage.runs.locator(".chip .name").nth(run).click()
        stage.wait_runs(3, front=run)
        stage.wait_at(11, *records)
        stage.frames(3)
        assert_rows_are(stage, make_dataset(experiments[run]), records[run])


def test_a_run_that_diverges_is_shown_to_its_end(lab):
    stage = lab("epochs=400&learning_rate=3&panel=rows&method=numpy")
    stage.page.keyboard.press("End")
    stage.wait_for("stage.dataset.state !== 'training'")
    stage.page.keyboard.press("End")
    stage.wait_state("diverged")
    experiment = Experiment(epochs=400, learning_rate=3, method="numpy")
    *_, record = train(experiment)
    assert_rows_are(stage, make_dataset(experiment), record)
    expect(stage.element.locator(".update")).to_have_text("The run ends here: no update follows.")


@pytest.mark.parametrize(
    ("query", "by"), [("", "x"), ("", "error²"), ("standardize=xy&reduction=sum&learning_rate=0.001", "#")], ids=str
)
def test_the_rows_follow_a_point_in_hand_and_the_mean_is_theirs(lab, query, by):
    stage = lab(f"epochs=20&panel=rows&hand=on&{query}", pace=0)
    stage.wait_trained(20)
    stage.seek(3)
    if by != "#":
        head(stage, by).click()
        stage.page.mouse.move(5, 5)
    stage.frames(3)
    before = rows(stage), total(stage)
    mouse = Mouse(stage, "data")
    x, y = max(points_of(stage.chart("data"), "training"))

    def drag() -> None:
        mouse.press((x, y))
        # Over others, of which none is pointed at meanwhile.
        mouse.move((x - 0.1, (y + mouse.ranges[1][0]) / 2))
        mouse.move((sum(mouse.ranges[0]) / 2, mouse.ranges[1][0]))

    drag()
    b, w, loss = under(stage)
    expect(stage.chart("data").locator(".spot")).to_be_hidden()
    shown, sums, held = rows(stage), total(stage), marked(stage)
    stage.page.keyboard.press("Escape")
    released(stage)
    mouse.let_go()
    stage.page.mouse.move(5, 5)
    stage.frames(3)
    assert marked(stage) == []
    stage.element.locator(".rows .scroller").evaluate("area => area.scrollTo(0, 0)")
    stage.frames(3)
    assert (rows(stage), total(stage)) == before
    drag()
    mouse.let_go()
    experiment = takes_up(stage, "moved")
    dataset = make_dataset(experiment)
    slopes = landscapes_of(dataset, experiment.reduction)[0].gradient(b, w)
    record = SimpleNamespace(b=b, w=w, loss=loss, b_grad=slopes[0], w_grad=slopes[1])
    assert held == [experiment.moved[0][0]]
    assert held[0] in [row[0] for row in shown]
    assert_rows(shown, sums, dataset, record)
    if by != "#":
        order = [row[HEADS.index(by)] for row in shown]
        assert order == sorted(order)
