"""An own table from upload to line: what is said of it, how else it can be read, what is scaled, and its link."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect
from stillness import bounds

from core import Experiment, read_table, shipped_table, train

EPOCHS = 40
THOUSANDS = ("Years;Salary\n" + "".join(f"{i + 0.5};{26 + i},{500 + 20 * i:03}\n" for i in range(1, 15))).encode()
"""In which 27,520 are twenty-seven thousand, or twenty-seven and a half."""
HOLES = ("x\ty\tkind\n" + "".join(f"{i / 10}\t{'NA' if i == 3 else 2 + i / 5}\tcat\n" for i in range(12))).encode()
HOSTILE = "a&b=c,<b>-log10(p)</b> 100%,ключ\n" + "".join(f"{i / 10},{1 + i / 5},{i % 3}\n" for i in range(12))


def news(stage):
    """What is said above the stage of data that were just chosen."""
    return stage.page.locator(".st-key-data-news")


def records(contents: bytes, name: str, reading: str = "", x: str = "", y: str = "", **fields):
    experiment = Experiment(epochs=EPOCHS, **fields)
    return list(train(experiment, read_table(contents, name, reading).dataset(x or None, y or None, experiment)))


def test_thousands_are_read_as_such_said_and_read_otherwise_at_a_click(lab):
    stage = lab(f"epochs={EPOCHS}")
    stage.rest()
    stage.upload(THOUSANDS, "pay.csv")
    stage.wait_run(records(THOUSANDS, "pay.csv", standardize="x"))
    expect(news(stage)).to_contain_text("27,520 is read as 27520, and could be 27.52.")
    expect(news(stage)).to_contain_text("x is standardised, because")
    assert bounds(stage.page.locator(".table-preview"))["height"] > 50
    expect(stage.page.locator(".table-preview td").nth(1)).to_have_text("27520")
    stage.page.keyboard.press("Escape")
    news(stage).get_by_role("button", name="Read 27,520 as 27.52").click()
    other = records(THOUSANDS, "pay.csv", "decimal:comma", standardize="x")
    stage.wait_run(other)
    expect(news(stage)).to_contain_text("27,520 is read as 27.52, and could be 27520.")
    stage.page.wait_for_url("**decimal%3Acomma**")
    assert abs(other[-1].b) < 100
    again = lab(stage.page.url.split("?")[1])
    again.wait_run(other)


def test_one_click_shows_the_data_as_it_is_and_one_more_scaled_again(lab):
    stage = lab(f"epochs={EPOCHS}")
    stage.upload(THOUSANDS, "pay.csv")
    stage.wait_run(records(THOUSANDS, "pay.csv", standardize="x"))
    stage.page.keyboard.press("Escape")
    news(stage).get_by_role("button", name="Show the data as it is").click()
    stage.wait_state("diverged")
    assert "standardize" not in stage.query
    news(stage).get_by_role("button", name="Standardise x").click()
    stage.wait_run(records(THOUSANDS, "pay.csv", standardize="x"))


def test_badge_tells_the_end_of_the_run_in_front(lab):
    stage = lab(f"epochs={EPOCHS}&learning_rate=5&versus=learning_rate:0.1", pace=0)
    stage.wait_runs(2)
    stage.seek(EPOCHS)
    badge = stage.element.locator(".badge")
    expect(badge).to_have_text("Diverged")
    stage.run_button("Bring learning rate 0.1 to the front").click()
    expect(badge).to_have_text("Finished")
    stage.wait_state("diverged")


def test_what_is_left_out_and_what_cannot_be_used_is_said(lab):
    stage = lab(f"epochs={EPOCHS}")
    stage.upload(HOLES, "holes.tsv")
    stage.wait_run(records(HOLES, "holes.tsv"))
    expect(news(stage)).to_contain_text("1 of 12 rows has no 'y'")
    expect(stage.page.locator(".table-preview th.unusable")).to_contain_text("kind")
    assert stage.element.locator(".numbers tr").first.inner_text().endswith("scikit-learn, 8 of 11 points")
    # It is read by now: the next move of a control takes it away.
    stage.page.keyboard.press("Escape")
    stage.type_number("Learning rate, exactly", "0.2")
    expect(news(stage)).to_have_count(0)


def test_names_of_any_kind_survive_table_chart_and_link(lab):
    stage = lab(f"epochs={EPOCHS}")
    stage.upload(HOSTILE.encode(), "odd.csv")
    run = records(HOSTILE.encode(), "odd.csv")
    stage.wait_run(run)
    expect(stage.plot("data").locator(".xtitle")).to_have_text("a&b=c")
    expect(stage.plot("data").locator(".ytitle")).to_have_text("<b>-log10(p)</b> 100%")
    assert stage.page.locator(".table-preview b").count() == 0
    stage.page.wait_for_url("**data=**")
    assert (stage.query["x"], stage.query["y"]) == (["a&b=c"], ["<b>-log10(p)</b> 100%"])
    lab(stage.page.url.split("?")[1]).wait_run(run)


def test_reading_that_makes_no_sense_is_a_sentence_and_the_line_is_trained(lab):
    stage = lab(f"data=iris&reading=decimal:yes&epochs={EPOCHS}")
    expect(stage.page.get_by_test_id("stAlert")).to_contain_text("decimal must be")
    stage.wait_run(list(train(Experiment(epochs=EPOCHS))))


# --- scaling, shapes and what is held out -----------------------------------------------------------------


def test_scaling_shape_and_share_held_out_are_chosen_beside_the_data(lab):
    stage = lab(f"epochs={EPOCHS}&true_w=30")
    stage.rest()
    stage.more()
    wanted = Experiment(epochs=EPOCHS, true_w=30)
    for label, option, field, value in (
        ("Shape of the points", "Along a curve", "shape", "curve"),
        ("Standardise", "x and y", "standardize", "xy"),
    ):
        stage.choose(label, option)
        wanted = replace(wanted, **{field: value})
        stage.wait_run(list(train(wanted)))
    stage.type_number("Held out (share)", "0")
    wanted = replace(wanted, validation=0.0)
    run = list(train(wanted))
    stage.wait_run(run)
    stage.page.keyboard.press("Escape")
    stage.wait_query(epochs=[str(EPOCHS)], true_w=["30.0"], shape=["curve"], standardize=["xy"], validation=["0.0"])
    stage.rest()
    numbers = stage.element.locator(".numbers")
    expect(numbers).to_contain_text("w (data)")
    expect(numbers).to_contain_text("100 of 100 points")
    expect(stage.element.locator("[data-step=before]")).to_contain_text("x_train = (x_train - x_mean) / x_std")
    expect(stage.plot("data").locator(".xtitle")).to_have_text("x (standardised)")


def test_residuals_take_the_place_of_the_points_and_stay_in_the_link(lab):
    stage = lab(f"epochs={EPOCHS}&shape=curve")
    stage.rest()
    stage.chart("data").get_by_role("button", name="Residuals").click()
    expect(stage.chart("residuals")).to_be_visible()
    expect(stage.chart("data")).to_be_hidden()
    stage.wait_query(epochs=[str(EPOCHS)], shape=["curve"], data_view=["residuals"])
    again = lab(stage.page.url.split("?")[1])
    expect(again.chart("residuals")).to_be_visible()
    # In the beats it is the points that the loss is about.
    again.rest()
    again.seek(3)
    again.page.keyboard.press(".")
    expect(again.chart("data")).to_be_visible()
    expect(again.chart("residuals")).to_be_hidden()
    stage.chart("residuals").get_by_role("button", name="Points").click()
    expect(stage.chart("data")).to_be_visible()
    stage.wait_query(epochs=[str(EPOCHS)], shape=["curve"])


@pytest.mark.parametrize("front", [0, 1])
def test_runs_on_data_scaled_otherwise_stand_beside_one_another(lab, front):
    query = f"data=iris&learning_rate=0.05&epochs={EPOCHS}&versus=standardize:x&versus=standardize:xy&front={front}"
    stage = lab(query)
    stage.wait_runs(3, front)
    stage.seek(EPOCHS)
    iris = [Experiment(epochs=EPOCHS, learning_rate=0.05, standardize=scale) for scale in ("none", "x", "xy")]
    datasets = [shipped_table("iris").dataset(None, None, one) for one in iris]
    last = [list(train(one, dataset))[-1] for one, dataset in zip(iris, datasets, strict=True)]
    stage.wait_values(*last)
    # The table has all of them in the units of the data.
    rows = stage.element.locator(".numbers tr").all()[1:]
    for row, name in zip(rows, ("b", "w"), strict=False):
        shown = [float(text.replace("−", "-").replace("\u202f", "")) for text in row.locator("td").all_inner_texts()]
        lines = [dataset.original(one.b, one.w) for one, dataset in zip(last, datasets, strict=True)]
        wanted = [line["bw".index(name)] for line in lines]
        assert shown[:3] == pytest.approx(wanted, rel=2e-3)
    x, y = datasets[0].x_train[:, 0], datasets[0].y_train[:, 0]
    assert shown[3] == pytest.approx(np.polyfit(x, y, 1)[0], rel=2e-3)
