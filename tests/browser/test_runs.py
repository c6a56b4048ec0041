"""Several runs in the browser, module by module: where each stands under one playhead, and who keeps whom company."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from core import Dataset

STAGE = "/app/static/stage"


@pytest.fixture
def page(blank_page):
    return blank_page


def run(page: Page, module: str, body: str, given: object = None) -> Any:
    """What `body` returns; it sees the module as `m` and what it is given as `given`."""
    return page.evaluate(
        f"async given => {{ const m = await import('{STAGE}/{module}.js'); {body} }}",
        given,
    )


# --- runs -------------------------------------------------------------------------------------------------

END = {"reason": "finished", "epoch": 0, "message": ""}

RUNS = """
    const runs = new m.Runs();
    const told = (some) => some.map(({ rows = 0, stop = null, ...one }) => {
        return { place: "", count: rows, status: { stop }, ...one };
    });
    const rows = (count) => ({ loss: new Float64Array(count) });
    // They have so many rows by now, and those that name an end have ended with them.
    const show = (some) => {
        runs.set(told(some));
        runs.receive(some.map((one, i) => rows((one.rows ?? 0) - runs.list[i].columns.count)), told(some));
    };
"""


def named(scene: str, epochs: int = 10, length: float = 1, **others: Any) -> dict[str, Any]:
    """A run as a source tells of it."""
    return {"scene": scene, "epochs": epochs, "epochLength": length, **others}


def ended(reason: str, **others: Any) -> dict[str, Any]:
    return END | {"reason": reason} | others


def test_runs_that_stay_keep_their_records_and_their_ends(page):
    first = [named("a", rows=11, stop=ended("finished")), named("b", rows=4), named("c", rows=6)]
    kept = run(
        page,
        "runs",
        RUNS
        + """
        show(given);
        const before = new Map(runs.list.map((one) => [one.scene, one]));
        runs.set(told([given[2], { ...given[0], scene: "new" }, given[0]]));
        return runs.list.map((one) => [one.scene, one === before.get(one.scene), one.columns.count, one.stop?.reason]);
        """,
        first,
    )
    assert kept == [["c", True, 6, None], ["new", False, 0, None], ["a", True, 11, "finished"]]


def test_frozen_runs_stay_as_they_are_whatever_comes(page):
    found = run(
        page,
        "runs",
        """
        const runs = new m.Runs();
        const told = (count, stop) => [{ scene: "a", epochs: 9, epochLength: 1, place: "", count, status: { stop } }];
        runs.set(told(3, null));
        runs.receive([{ b: [1, 2, 3], w: [0, 0, 0], loss: [5, 4, 3] }], told(3, null));
        runs.list[0].columns.define("twice", (row) => 2 * runs.list[0].columns.at("b", row));
        const frozen = runs.frozen();
        runs.receive([{ b: [40], w: [0], loss: [90] }], told(4, { reason: "diverged" }));
        runs.list[0].columns.define("twice", () => 0);
        const tell = ({ list: [{ columns, stop }], trained }) => {
            const values = [columns.at("twice", 2), columns.extremes("loss", 0, 8)];
            return [columns.count, columns.lost, stop?.reason ?? "", trained, ...values];
        };
        return [tell(frozen), tell(runs)];
        """,
    )
    assert found == [[3, False, "", 2, 6, [3, 5]], [4, True, "diverged", 3, 0, [3, 90]]]


def test_the_front_is_one_of_those_that_are_there(page):
    fronts = run(
        page,
        "runs",
        RUNS
        + """
        show(given);
        runs.front = 2;
        const seen = [runs.inFront.scene];
        runs.set(told(given.slice(0, 2)));
        seen.push(runs.inFront.scene, runs.several);
        runs.set(told(given.slice(0, 1)));
        return [...seen, runs.inFront.scene, runs.several, new m.Runs().inFront, new m.Runs().trained];
        """,
        [named("a"), named("b"), named("c")],
    )
    assert fronts == ["c", "b", True, "a", False, None, -1]


FINISHED, DIVERGED = ended("finished"), ended("diverged")


@pytest.mark.parametrize(
    ("some", "total", "trained"),
    [
        # All go as far as the slowest; one that has ended holds nobody up, and the playhead goes to the longest's end.
        ([named("a", 10, rows=5), named("b", 20, rows=8)], 20, 4),
        ([named("a", 10, rows=11, stop=FINISHED), named("b", 20, rows=8)], 20, 7),
        ([named("a", 10, rows=11, stop=FINISHED), named("b", 20, rows=15)], 20, 14),
        ([named("a", 10, rows=11, stop=FINISHED), named("b", 20, rows=21, stop=FINISHED)], 20, 20),
        ([named("a", 10, rows=4, stop=DIVERGED), named("b", 10, rows=2)], 10, 1),
        ([named("a", 10, rows=4, stop=DIVERGED), named("b", 10, rows=3, stop=DIVERGED)], 10, 3),
        ([named("a", 10, rows=0), named("b", 10, rows=9)], 10, -1),
        # By update: as far as all of them go, in updates of the one that has the fewest an epoch.
        ([named("a", 100, 1, rows=21), named("b", 100, 5, rows=3)], 100, 10),
        ([named("a", 100, 1, rows=21), named("b", 100, 5, rows=11)], 100, 20),
        ([named("a", 100, 1, rows=21, stop=DIVERGED), named("b", 100, 5, rows=7)], 100, 30),
        ([named("a", 100, 1, rows=21, stop=DIVERGED), named("b", 100, 5, rows=90)], 100, 100),
        ([named("a", 3, 5, rows=4, stop=FINISHED), named("b", 100, 5, rows=101, stop=FINISHED)], 3, 3),
        ([named("a", 9, 2, rows=3, stop=DIVERGED), named("b", 9, 5, rows=2, stop=DIVERGED)], 9, 3),
        # By time, where epochs of 0.3 and 0.9 milliseconds have no last digit in common.
        ([named("a", 10, 0.3, rows=11, stop=FINISHED), named("b", 10, 0.9, rows=4)], 10, 9),
        ([named("a", 30, 0.3, rows=31, stop=FINISHED), named("b", 10, 0.9, rows=11, stop=FINISHED)], 30, 30),
    ],
)
def test_playhead_goes_as_far_as_all_runs_have_come(page, some, total, trained):
    assert run(page, "runs", RUNS + "show(given); return [runs.total, runs.trained];", some) == [total, trained]


@pytest.mark.parametrize(
    ("lengths", "rows"),
    [
        ((1, 1), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 7), (8, 8), (9, 9)]),
        ((1, 5), [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (6, 1), (7, 1), (8, 1), (9, 1)]),
        ((10, 4), [(0, 0), (0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6), (2, 7), (3, 8), (3, 9)]),
        ((0.3, 0.9), [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 1), (6, 2), (7, 2), (8, 2), (9, 3)]),
    ],
)
def test_every_run_stands_at_the_last_epoch_that_it_has_had_by_then(page, lengths, rows):
    some = [named(name, 99, length, rows=99) for name, length in zip("ab", lengths, strict=True)]
    ways = run(
        page,
        "runs",
        RUNS
        + """
        show(given);
        const places = Array.from({ length: 10 }, (_, k) => k);
        const heads = places.map((k) => runs.heads(k).map(({ k: row }) => row));
        // Where a row begins, the playhead finds it again.
        const again = places.flatMap((row) => runs.list.map((one) => runs.rowOf(one, runs.placeOf(one, row)) - row));
        return [heads, again];""",
        some,
    )
    assert ways[0] == [list(pair) for pair in rows]
    # A place of the playhead may lie within an epoch whose length is no multiple of the shortest one's.
    assert set(ways[1]) <= ({0} if lengths != (10, 4) else {0, -1})


def test_a_run_that_has_ended_stands_at_its_last_row(page):
    some = [named("a", 20, rows=4, stop=DIVERGED), named("b", 20, rows=15)]
    heads = run(page, "runs", RUNS + "show(given); return runs.heads(12).map(({ k }) => k);", some)
    assert heads == [3, 12]


def test_all_have_ended_once_the_last_has_with_the_end_of_the_base_in_the_words_of_the_front(page):
    base = named("a", 10, rows=11, stop=ended("finished", epoch=10, message="All 10 epochs are trained."))
    lost = named("b", 10, rows=4, stop=ended("diverged", epoch=3, message="Diverged at epoch 3."))
    seen = run(
        page,
        "runs",
        RUNS
        + """
        const [base, lost] = given;
        show([base, { ...lost, stop: null }]);
        const seen = [runs.stop];
        show(given);
        seen.push(runs.stop);
        runs.front = 1;
        return [...seen, runs.stop];""",
        [base, lost],
    )
    words = base["stop"]
    assert seen == [None, words, words | {"message": "Diverged at epoch 3."}]


def test_a_run_has_not_ended_here_before_its_last_rows_have_come(page):
    seen = run(
        page,
        "runs",
        RUNS
        + """
        const [one] = told(given);
        runs.set([one]);
        const seen = [];
        for (const more of [rows(7), null, rows(4), null]) {
            runs.receive([more], [one]);
            seen.push([runs.list[0].columns.count, Boolean(runs.list[0].stop), runs.list[0].columns.complete]);
        }
        return seen;""",
        [named("a", 10, rows=11, stop=FINISHED)],
    )
    assert seen == [[7, False, False], [7, False, False], [11, True, True], [11, True, True]]


def test_epochs_are_as_long_in_the_charts_as_under_the_playhead(page):
    some = [named("a", 10, 1, rows=4), named("b", 10, 5, rows=4)]
    body = RUNS + "show(given); return runs.list.map(({ columns }) => columns.at('epoch', 3));"
    assert run(page, "runs", body, some) == [3, 15]


# --- clock ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("align", "unit", "axis", "end", "words", "position", "progress"),
    [
        *[
            (
                "epoch",
                5,
                "epoch",
                2000,
                "epoch 1\u202f200",
                "1\u202f200 / 2\u202f000",
                "1\u202f200 of 2\u202f000 epochs",
            )
        ],
        *[
            (
                "update",
                4,
                "update",
                8000,
                "update 4\u202f800",
                "4\u202f800 / 8\u202f000",
                "4\u202f800 of 8\u202f000 updates",
            )
        ],
        *[("time", 0.025, "milliseconds of training", 50, "30 ms", "30 / 50 ms", "30 of 50 ms")],
        *[("time", 0.0123, "milliseconds of training", 24.6, "14.76 ms", "14.76 / 24.60 ms", "14.76 of 24.60 ms")],
    ],
)
def test_clock_says_what_the_playhead_counts(page, align, unit, axis, end, words, position, progress):
    body = """
        const clock = new m.Clock(...given);
        return [clock.axis, clock.end, clock.words(1200), clock.position(1200), clock.progress(1200)];
    """
    said = run(page, "player/clock", body, [align, unit, 2000])
    assert said == [axis, pytest.approx(end), words, position, progress]


# --- company ----------------------------------------------------------------------------------------------


def trace(name: str, **meta: Any) -> dict[str, Any]:
    line, marker = {"color": "red", "width": 3}, {"color": "red", "size": 8}
    return {"name": name, "line": line, "marker": marker} | ({"meta": meta} if meta else {})


PLAIN = {"x": [0, 1], "y": [0, 1]}
BY_EPOCH = {"follow": "history", "x": "epoch", "y": "loss"}
PATH = {"follow": "history", "x": "b", "y": "w"}


def figure(
    traces: list[dict[str, Any]],
    x: tuple[float, float] = (0, 1),
    y: tuple[float, float] = (0, 1),
    axis: dict[str, Any] | None = None,
    **meta: Any,
) -> dict[str, Any]:
    layout = {"xaxis": {"range": x, "title": {"text": "b", "standoff": 4}}, "yaxis": {"range": y} | (axis or {})}
    return {"data": traces, "layout": layout | ({"meta": meta} if meta else {})}


def composed(
    page: Page,
    figures: list[dict[str, Any]],
    front: int = 0,
    alike: tuple[bool, ...] = (True, True, True),
    units: tuple[dict[str, Any], ...] = (PLAIN, PLAIN, PLAIN),
) -> dict[str, Any]:
    """The chart of these runs, whose colours are blue, green and pink."""
    members = [
        {"figure": one, "colour": colour, "label": f"label {colour}", "alike": same, "units": scaled}
        for one, colour, same, scaled in zip(figures, ("blue", "green", "pink"), alike, units, strict=False)
    ]
    along = {"title": "update", "end": 200}
    body = "return m.compose(given.members, given.front, given.along);"
    return dict(run(page, "charts/company", body, {"members": members, "front": front, "along": along}))


def look(traces: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    return [(one["name"], one["run"], one["line"]["color"]) for one in traces]


def test_traces_that_all_have_stand_in_the_colours_of_the_runs_behind_those_of_the_front(page):
    traces = [
        trace("points"),
        trace("loss", **BY_EPOCH, company="all"),
        trace("validation", **BY_EPOCH, company="front"),
        trace("residuals", **BY_EPOCH),
    ]
    shown = composed(page, [figure(traces)] * 3, front=1)["data"]
    assert look(shown) == [
        ("points", 1, "red"),
        ("loss", 0, "blue"),
        ("loss", 2, "pink"),
        ("loss", 1, "green"),
        ("validation", 1, "green"),
        ("residuals", 1, "red"),
    ]
    assert [one["guest"] for one in shown] == [False, True, True, False, False, False]


def test_the_others_are_thinner_and_no_part_of_the_legend(page):
    guest, own = composed(page, [figure([trace("loss", **BY_EPOCH, company="all")])] * 2)["data"]
    assert own["line"]["width"] == 3
    assert own["marker"]["size"] == 8
    assert own.get("showlegend") is None
    assert 1 <= guest["line"]["width"] < own["line"]["width"]
    assert 4 <= guest["marker"]["size"] < own["marker"]["size"]
    assert guest["showlegend"] is False
    assert (guest["marker"]["color"], own["marker"]["color"]) == ("green", "blue")


def test_lines_are_named_by_their_runs_where_they_may_be(page):
    traces = [trace("b", **BY_EPOCH, company="all", label=True), trace("w", **BY_EPOCH, company="all")]
    shown = composed(page, [figure(traces)] * 2)["data"]
    found = {(one["name"], one["run"]): one.get("label") for one in shown}
    assert found == {("b", 0): "label blue", ("b", 1): "label green", ("w", 0): None, ("w", 1): None}


def test_what_a_colour_no_longer_tells_a_dash_does_in_every_run(page):
    traces = [trace("b", **BY_EPOCH, company="all"), trace("w", **BY_EPOCH, company="all", company_dash="dash")]
    shown = composed(page, [figure(traces)] * 2)["data"]
    assert {(one["name"], one["run"]): one["line"].get("dash") for one in shown} == {
        ("b", 0): None,
        ("b", 1): None,
        ("w", 0): "dash",
        ("w", 1): "dash",
    }


def test_a_run_on_another_surface_has_its_path_dashed_and_its_own_minimum(page):
    traces = [
        trace("path", **PATH, company="all"),
        trace("minimum", company="elsewhere"),
        trace("loss", **BY_EPOCH, company="all"),
    ]
    shown = composed(page, [figure(traces)] * 3, alike=(True, True, False))["data"]
    assert look(shown) == [
        ("path", 1, "green"),
        ("loss", 1, "green"),
        ("path", 2, "pink"),
        ("minimum", 2, "pink"),
        ("loss", 2, "pink"),
        ("path", 0, "blue"),
        # The front's own has the colour of every minimum.
        ("minimum", 0, "red"),
        ("loss", 0, "blue"),
    ]
    dashes = {(one["name"], one["run"]): one["line"].get("dash") for one in shown}
    assert [place for place, dash in dashes.items() if dash] == [("path", 2)]


def test_a_chart_that_the_others_have_no_part_in_is_that_of_the_front(page):
    shown = composed(page, [figure([trace("one")]), figure([trace("other")])], front=1)["data"]
    assert look(shown) == [("other", 1, "red")]


def test_axes_hold_what_those_of_every_run_would_hold_whichever_is_in_front(page):
    figures = [figure([], (0, 3), (-1, 5)), figure([], (-2, 1), (0, 9)), figure([], (0, 1), (1, 2))]
    for front in range(3):
        layout = composed(page, figures, front)["layout"]
        assert layout["xaxis"]["range"] == [-2, 3]
        assert layout["yaxis"]["range"] == [-1, 9]
        assert layout["xaxis"]["title"]["text"] == "b"


@pytest.mark.parametrize(("kind", "expected"), [("linear", [0, 40]), ("log", [-6, 2])])
def test_both_scales_hold_what_those_of_every_run_would_hold(page, kind, expected):
    one, other = {"linear": [0, 40], "log": [-3, 2]}, {"linear": [0, 4], "log": [-6, 1]}
    figures = [figure([], axis={"type": kind}, scales=scales, along="epochs") for scales in (one, other)]
    layout = composed(page, figures)["layout"]
    assert layout["meta"]["scales"] == {"linear": [0, 40], "log": [-6, 2]}
    assert layout["yaxis"]["range"] == expected


def test_axis_of_epochs_counts_what_the_playhead_counts_as_far_as_it_goes(page):
    mark = trace("lowest") | {"x": [0, 99], "y": [4, 4]}
    traces = [mark, trace("loss", **BY_EPOCH, company="all")]
    made = composed(page, [figure(traces, (-1, 99), along="epochs"), figure(traces, (-1, 500), along="epochs")])
    axis = made["layout"]["xaxis"]
    assert axis["title"] == {"text": "update", "standoff": 4}
    assert axis["range"][0] < 0
    assert 200 < axis["range"][1] < 210
    assert (made["data"][0]["x"], made["data"][0]["y"]) == ([0, 200], [4, 4])


def test_figures_that_are_composed_stay_as_they_were(page):
    one = figure([trace("loss", **BY_EPOCH, company="all")], (-1, 99), along="epochs")
    body = """
        const before = JSON.stringify(given);
        m.compose(given, 1, { title: "update", end: 9 });
        return JSON.stringify(given) === before;
    """
    members = [{"figure": one, "colour": "blue", "label": "", "alike": False, "units": PLAIN}] * 2
    assert run(page, "charts/company", body, members)


# --- sweep ------------------------------------------------------------------------------------------------


def test_last_kept_epoch_up_to_another_is_found(page):
    rising = [0, 1, 2, 5, 9, 30]
    body = "return Array.from({ length: 40 }, (_, k) => m.lastUpTo(given, k));"
    assert run(page, "charts/rules", body, rising) == [bisect_right(rising, k) - 1 for k in range(40)]
    assert run(page, "charts/rules", "return m.lastUpTo([7], 3);") == 0


SWEEP = """
    const chartOf = () => {
        const make = (tag) => document.createElement(tag);
        const [panel, header, buttons, heading] = ["section", "header", "div", "h2"].map(make);
        header.append(heading, buttons);
        panel.append(header);
        return { panel, header, buttons, heading };
    };
    const wishes = [];
    const [surface, chart] = [chartOf(), chartOf()];
    const sweep = new m.Sweep(surface, chart, (wish) => wishes.push(wish), {fulfils: () => true});
    const told = { id: "sweep-1", field: "learning_rate", share: 0.426, problem: "", here: [0.1] };
    const x = { type: given.axis ?? "log" };
    const meta = { follow: "sweep", lost: null };
    const now = { meta: { follow: "level", y: "loss" }, marker: { color: "black", size: 9 } };
    const data = [{ meta }, now, { name: "limit" }];
    const all = {
        ...told, share: 1, values: [0.001, 0.01, 0.1, 1, 10], epochs: [0, 1, 5], ends: [5, 5, 5, 5, 2],
        reasons: ["finished", "finished", "finished", "converged", "diverged"],
        figure: JSON.stringify({ layout: { xaxis: x }, data }),
    };
    // The loss of value i at the kept epoch j is 10 i + j.
    const losses = Float32Array.from({ length: 15 }, (_, i) => 10 * Math.floor(i / 3) + (i % 3));
    const words = () => sweep.words.textContent;
    const click = (text) => [...chart.panel.querySelectorAll("button"), ...surface.buttons.children]
        .find((one) => one.textContent === text).click();
"""


def swept(page: Page, body: str, axis: str = "log") -> Any:
    return run(page, "panels/sweep", SWEEP + body, {"axis": axis})


def test_a_sweep_says_how_far_it_is_and_why_there_is_none(page):
    said = swept(
        page,
        """
        const said = [[sweep.on, sweep.pending]];
        sweep.receive(told, null);
        said.push([sweep.on, sweep.pending, words(), chart.panel.classList.contains("ready")]);
        sweep.receive({ ...told, problem: "Too large." }, null);
        said.push([sweep.on, sweep.pending, words()]);
        sweep.receive(all, losses);
        said.push([sweep.on, sweep.pending, chart.panel.classList.contains("ready")]);
        sweep.receive(null, null);
        return [...said, [sweep.on, sweep.pending]];""",
    )
    assert said == [
        [False, False],
        [True, True, "Training at many values: 43 %", False],
        [True, False, "Too large."],
        [True, False, True],
        [False, False],
    ]


def test_a_sweep_says_what_the_picked_value_has_come_to_by_now(page):
    said = swept(
        page,
        """
        sweep.receive(all, losses);
        return [0, 1, 3, 5, 99].flatMap((k) => [1, 4].map((index) => {
            sweep.pick(index);
            sweep.follow(k, 0);
            return words();
        }));""",
    )
    assert said == [
        *["0.01: loss 10", "10: loss 40"],
        *["0.01: loss 11", "10: loss 41"],
        *["0.01: loss 11", "10: diverged at 2"],
        *["0.01: loss 12", "10: diverged at 2"],
        *["0.01: loss 12", "10: diverged at 2"],
    ]


def test_a_sweep_picks_the_run_in_front_first_and_cannot_take_over_what_is_there(page):
    said = swept(
        page,
        """
        const can = () => [sweep.value, sweep.take.disabled, sweep.beside.disabled, sweep.slider.value];
        sweep.receive({ ...all, here: [0.1, 0.01] }, losses);
        sweep.follow(1, 1);
        const said = [can()];
        sweep.pick(2);
        said.push(can());
        sweep.pick(3);
        said.push(can(), sweep.slider.getAttribute("aria-valuetext"), sweep.slider.max);
        sweep.receive({ ...all, here: [1, 2, 3, 4, 5, 6] }, losses);
        sweep.pick(0);
        return [...said, can()];""",
    )
    assert said == [
        [0.01, True, True, "1"],
        [0.1, False, True, "2"],
        [1, False, False, "3"],
        "learning rate 1: loss 31",
        "4",
        [0.001, False, True, "0"],
    ]


@pytest.mark.parametrize(("axis", "picked"), [("log", [0, 0, 1, 2, 3, 4, 4]), ("linear", [0, 0, 0, 2, 3, 3, 4])])
def test_the_value_that_is_nearest_on_the_axis_is_picked(page, axis, picked):
    body = "sweep.receive(all, losses); return [0.0001, 0.003, 0.004, 0.3, 0.6, 4, 99].map((x) => sweep.nearest(x));"
    assert swept(page, body, axis) == picked


def test_buttons_and_slider_of_a_sweep_wish_for_what_is_picked(page):
    wishes = swept(
        page,
        """
        click("Sweep");
        sweep.receive(all, losses);
        sweep.follow(0, 0);
        sweep.slider.value = "3";
        sweep.slider.dispatchEvent(new Event("input"));
        click("Take over");
        chart.onPick(0.0011);
        click("Put beside");
        sweep.field.value = "noise";
        sweep.field.dispatchEvent(new Event("input"));
        click("Surface");
        return wishes;""",
    )
    assert wishes == [{"sweep": "learning_rate"}, {"take": 1}, {"beside": 0.001}, {"sweep": "noise"}, {"sweep": ""}]


def test_a_sweep_over_what_is_not_offered_is_in_the_list_while_it_is_there(page):
    said = swept(
        page,
        """
        sweep.receive({ ...all, field: "true_w" }, losses);
        sweep.follow(0, 0);
        const { selectedOptions, value } = sweep.field;
        return [value, selectedOptions[0].textContent, sweep.slider.getAttribute("aria-valuetext")];""",
    )
    assert said == ["true_w", "true w", "true w 0.1: loss 20"]


def test_runs_on_the_stage_stand_in_the_sweep_each_in_its_colour(page):
    made = swept(
        page,
        """
        sweep.receive({ ...all, here: [0.1, 1] }, losses);
        const read = ({ run, x, marker, name }) => [run, x, marker?.color, name];
        return [["blue", "green"], []].map((colours) => sweep.figure(colours, 0).data.map(read));""",
    )
    several, alone = made
    assert several == [
        [0, None, None, None],
        [0, [0.1], "blue", None],
        [1, [1], "green", None],
        [None, None, None, "limit"],
    ]
    assert [colour for _, _, colour, _ in alone] == [None, "black", "black", None]


def test_another_sweep_is_not_shown_with_the_losses_of_the_one_before(page):
    said = swept(
        page,
        """
        sweep.receive(all, losses);
        sweep.follow(0, 0);
        sweep.pick(4);
        sweep.receive({ ...told, id: "sweep-2", share: 0.1 }, null);
        const said = [words(), sweep.known, chart.panel.classList.contains("ready")];
        sweep.receive({ ...all, id: "sweep-2" }, losses);
        sweep.follow(0, 0);
        return [...said, sweep.value];""",
    )
    assert said == ["Training at many values: 10 %", None, False, 0.1]


# --- runs on data that were scaled ------------------------------------------------------------------------

SCALED = Dataset([0.0, 1.0], [0.0, 1.0], [], [], x_mean=10.0, x_std=2.0, y_mean=5.0, y_std=3.0)
OTHER = {"x": [SCALED.x_mean, SCALED.x_std], "y": [SCALED.y_mean, SCALED.y_std]}


def test_columns_in_the_units_of_the_data_are_those_that_the_engine_computes(page):
    rows = {name: [0.5, -1.0, 2.0] for name in ("b", "w", "loss", "val_loss")}
    body = """
        const { Columns } = await import("/app/static/stage/charts/columns.js");
        const columns = new Columns();
        m.defineUnits(columns, given.units, given.front);
        // Before all rows are here, too.
        const ask = () => given.names.map((name) => given.rows.b.map((_, row) => columns.at(name, row)));
        for (let row = 0; row < 3; row += 1) {
            ask();
            const next = Object.entries(given.rows).map(([name, values]) => [name, [values[row]]]);
            columns.append(Object.fromEntries(next));
        }
        return ask();
    """
    names = ["original_b", "original_w", "original_loss", "original_val_loss", "front_b", "front_w"]
    given = {"units": OTHER, "front": OTHER, "rows": rows, "names": names}
    found = dict(zip(names, run(page, "charts/units", body, given), strict=True))
    b, w = SCALED.original(*(np.array(rows[name]) for name in "bw"))
    assert found["original_b"] == pytest.approx(b.tolist())
    assert found["original_w"] == pytest.approx(w.tolist())
    assert found["original_loss"] == found["original_val_loss"] == [9 * value for value in rows["loss"]]
    assert (found["front_b"], found["front_w"]) == (rows["b"], rows["w"])


def test_heights_of_lines_are_those_in_the_present_units(page):
    rows = {name: [0.5, -1.0, 2.0] for name in ("b", "w", "loss", "val_loss")}
    body = """
        const { Columns } = await import("/app/static/stage/charts/columns.js");
        const columns = new Columns();
        columns.append(given.rows);
        const extremes = () => columns.lineExtremes("front_b", "front_w", 2, 0, 2);
        return [given.plain, given.other].map((front) => (m.defineUnits(columns, given.other, front), extremes()));
    """
    there, own = run(page, "charts/units", body, {"rows": rows, "plain": PLAIN, "other": OTHER})
    b, w = np.array(rows["b"]), np.array(rows["w"])
    heights = b + 2 * w
    assert own == pytest.approx([heights.min(), heights.max()])
    b, w = SCALED.original(b, w)
    heights = b + 2 * w
    assert there == pytest.approx([heights.min(), heights.max()])


def test_line_keeps_its_points_whatever_units_the_run_in_front_has(page):
    body = "return m.converted(given.there, given.here, ...m.converted(given.here, given.there, 0.5, -1.5));"
    assert run(page, "charts/units", body, {"here": OTHER, "there": PLAIN}) == pytest.approx([0.5, -1.5])
    b, w = run(
        page, "charts/units", "return m.converted(given.here, given.there, 0.5, -1.5);", {"here": OTHER, "there": PLAIN}
    )
    # x = 14 is 2 deviations above its mean.
    assert b + w * 14 == pytest.approx(5 + 3 * (0.5 - 1.5 * 2))


def test_run_on_data_scaled_otherwise_is_drawn_in_the_units_of_the_run_in_front(page):
    line = trace("line", follow="affine", intercept="b", slope="w", fixed=[None, None], company="all") | {"x": [-3, 3]}
    star = trace("minimum", company="elsewhere") | {"x": [1.0], "y": [2.0]}
    traces = [trace("path", **PATH, company="all"), line, star]
    shown = composed(
        page, [figure(traces, x=(0, 9)), figure(traces, x=(-3, 3))], alike=(True, False), units=(PLAIN, OTHER)
    )
    path, guest, there = (one for one in shown["data"] if one["guest"])
    assert (path["meta"]["x"], path["meta"]["y"]) == ("front_b", "front_w")
    assert (guest["meta"]["intercept"], guest["meta"]["slope"], guest["x"]) == ("front_b", "front_w", [0, 9])
    assert (there["x"][0], there["y"][0]) == pytest.approx(SCALED.original(1.0, 2.0))
    assert shown["layout"]["xaxis"]["range"] == [0, 9]
    own = next(one for one in shown["data"] if one["name"] == "path" and not one["guest"])
    assert (own["meta"]["x"], own["meta"]["y"]) == ("b", "w")
