"""The browser's half of the contract of `meta`: an example of every rule, and that both halves know the same."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
from playwright.sync_api import Page

from core.training.four_steps import STEPS
from dashboard.stage.figures.meta import (
    BATCH_COLUMNS,
    RULES,
    Beat,
    Company,
    FigureMeta,
    Scales,
    Seen,
    Shows,
    Still,
    problems_of,
)

ROWS = {
    "b": [0.0, 1.0, 2.0, 3.0],
    "w": [5.0, 4.0, 3.0, 2.0],
    "loss": [8.0, 4.0, 2.0, 1.0],
    "b_grad": [-3.0, -2.0, -1.0, -0.5],
    "w_grad": [4.0, 2.0, 1.0, 0.5],
}
B, W, LOSS, B_GRAD, W_GRAD = map(np.array, ROWS.values())
K = 2
"""The row of the playhead, which is not the last."""

LOOK = {
    "mode": "lines+markers",
    "line": {"color": "red", "width": 1},
    "marker": {"color": "red", "size": 8},
    "name": "it",
}
POINTS = {"x": [1.0, 2.0], "y": [0.5, 6.5]}

SWEPT = np.array([[8.0, 4.0, 2.0, 1.0], [7.0, 3.0, np.nan, np.nan], [6.0, 9.0, 5.0, 4.0]])
"""The losses of a sweep's three runs at the kept epochs."""
KEPT = [0, 1, 2, 9]
ENDS = [9, 1, 9]
"""The second run has ended before the playhead's row."""

EXAMPLES: dict[str, dict[str, Any]] = {
    "history": {
        "meta": {"follow": "history", "x": "epoch", "y": "loss", "label": True},
        "x": [],
        "y": [],
        "label": "it",
    },
    "point": {"meta": {"follow": "point", "x": "b", "y": "w"}, "x": [], "y": []},
    "step": {"meta": {"follow": "step", "x": "b", "y": "w"}, "x": [], "y": []},
    "affine": {
        "meta": {"follow": "affine", "intercept": "b", "slope": "w", "fixed": [7.0, None, None]},
        "x": [1.0, 2.0, None],
        "y": [],
    },
    "residuals": {
        "meta": {"follow": "residuals", "intercept": "b", "slope": "w", "of": [7.0, 5.0]},
        "x": [1.0, 2.0],
        "y": [],
    },
    "squares": {"meta": {"follow": "squares", "intercept": "b", "slope": "w"}, **POINTS},
    "taylor": {
        "meta": {"follow": "taylor", "at": "b", "value": "loss", "slope": "b_grad", "curvature": 3.0},
        "x": [],
        "y": [],
    },
    "arrow": {
        "meta": {
            "follow": "arrow",
            "x": "b",
            "y": "w",
            "dx": "b_grad",
            "dy": "w_grad",
            "scale": [[0, -0.5], [1, -0.25], [900, 3]],
        },
        "x": [],
        "y": [],
    },
    "sweep": {
        "meta": {"follow": "sweep", "lost": None},
        "x": [0.0, 1.0, 3.0],
        "y": [],
        "sweep": {"epochs": KEPT, "ends": ENDS, "lost": [False] * 3, "loss": SWEPT.ravel().tolist()},
    },
    "level": {"meta": {"follow": "level", "y": "loss"}, "x": [3.5], "y": []},
    "field": {
        "meta": {
            "follow": "field",
            "n": 8,
            "x_mean": 0.5,
            "y_mean": 2.0,
            "x_variance": 0.25,
            "w_min": 3.0,
            "reduction": "sum",
            "layer": "arrows",
        },
        "x": [],
        "y": [],
    },
}

GROUND: dict[str, Any] = {
    "meta": {
        "follow": "bowl",
        "n": 8,
        "x_mean": 0.5,
        "y_mean": 2.0,
        "x_variance": 0.25,
        "w_min": 3.0,
        "lowest_mean": 0.125,
        "reduction": "sum",
    }
}
"""An example of what has to do with what is in view, not with the playhead."""

WIDTH, HEIGHT, X_RANGE, Y_RANGE = 400, 200, (-1.0, 4.0), (-1.0, 9.0)

TAYLOR = np.polynomial.Polynomial([LOSS[K], B_GRAD[K], 3.0 / 2])
CURVE = np.linspace(*X_RANGE, 65)
EXPECTED: dict[str, dict[str, list[float | None]]] = {
    "history": {"x": [0, 1, 2], "y": LOSS[: K + 1].tolist()},
    "point": {"x": [B[K]], "y": [W[K]]},
    "step": {"x": B[K : K + 2].tolist(), "y": W[K : K + 2].tolist()},
    "affine": {"x": [1, 2, None], "y": [7, float(np.dot([1, 2], [B[K], W[K]])), None]},
    "residuals": {"x": [1, 2], "y": [7 - float(B[K] + W[K]), 5 - float(B[K] + 2 * W[K])]},
    "squares": POINTS,
    "taylor": {"x": CURVE.tolist(), "y": TAYLOR(CURVE - B[K]).tolist()},
    "arrow": {"x": [B[K], B[K] - 0.25 * B_GRAD[K]], "y": [W[K], W[K] - 0.25 * W_GRAD[K]]},
    "sweep": {"x": [0, 1, 3], "y": [SWEPT[0, 2], SWEPT[1, 1], SWEPT[2, 2]]},
    "level": {"x": [3.5], "y": [LOSS[K]]},
    "field": {"x": [], "y": []},
}

BODY = """
const { Columns } = await import("/app/static/stage/charts/columns.js");
const rules = await import("/app/static/stage/charts/rules.js");
const { paint } = await import("/app/static/stage/charts/painter.js");
const { compose } = await import("/app/static/stage/charts/company.js");
const { shownWith } = await import("/app/static/stage/hand/edited.js");
const columns = new Columns();
columns.append(given.rows);
const calls = [];
const context = new Proxy({ canvas: document.body }, {
    get: (own, name) => name in own ? own[name] : (...given) => { calls.push([name, ...given]); return { width: 9 }; },
    set: (own, name, value) => { own[name] = value; return true; },
});
const colours = { outline: "grey", background: "white" };
const layers = given.layers ?? ["arrows"];
const size = { width: given.width, height: given.height };
const frame = { ...size, x: { range: given.x }, y: { range: given.y }, colours, layers };
const show = (trace, k, beat) => paint(context, frame, [{ paintOpacity: 1, ...trace }], [{ columns, k }], beat);
"""


def run(page: Page, body: str, **given: object) -> Any:
    given |= {"rows": ROWS, "width": WIDTH, "height": HEIGHT, "x": X_RANGE, "y": Y_RANGE}
    return page.evaluate(f"async given => {{ {BODY} {body} }}", given)


def pixels(points: dict[str, list[float | None]]) -> list[tuple[float, float]]:
    """Where a frame puts points of the chart's own units: the first axis to the right, the second upwards."""
    x, y = (np.array([value for value in values if value is not None]) for values in points.values())
    right = WIDTH * (x - X_RANGE[0]) / (X_RANGE[1] - X_RANGE[0])
    down = HEIGHT * (Y_RANGE[1] - y) / (Y_RANGE[1] - Y_RANGE[0])
    return list(zip(right.tolist(), down.tolist(), strict=True))


def painted(page: Page, trace: dict[str, Any], k: int = K, beat: str = "") -> list[list[Any]]:
    return list(run(page, "show(given.trace, given.k, given.beat); return calls;", trace=LOOK | trace, k=k, beat=beat))


def test_there_is_an_example_of_every_rule_which_keeps_the_contract():
    assert set(EXAMPLES) == set(EXPECTED)
    assert {*EXAMPLES, GROUND["meta"]["follow"]} == set(RULES)
    for trace in (*EXAMPLES.values(), GROUND):
        assert problems_of({"data": [trace], "layout": {}}) == []


def test_browser_and_contract_know_the_same_rules(blank_page):
    moving, grounds = run(blank_page, "return [rules.RULES, rules.GROUNDS].map(Object.keys);")
    assert {*moving, *grounds} == set(RULES)
    assert grounds == [GROUND["meta"]["follow"]]


COMPOSED = """
    const read = new Set();
    const watched = (meta) => new Proxy(meta, {
        get: (own, key) => { if (typeof key === "string") read.add(key); return own[key]; },
    });
    const layout = { xaxis: { range: [0, 1] }, yaxis: { range: [0, 1] } };
    // The trace of a run in front, of one beside it on the same surface, and of one on another, in every company.
    const composed = (trace, metas) => metas.flatMap((meta) => {
        const figure = { data: [{ ...trace, meta: watched(meta) }], layout };
        const units = { x: [0, 1], y: [0, 1] };
        const members = [true, true, false].map((alike) => ({ figure, alike, units, colour: "blue", label: "it" }));
        return compose(members, 0, { title: "epoch", end: 9 }).data;
    });
    const companies = [undefined, ...given.companies].flatMap((company) => [
        { ...given.trace.meta, ...(company && { company }) },
        { ...given.trace.meta, ...(company && { company, company_dash: "dot" }) },
    ]);
"""
"""What the browser reads of a `meta` on its way to the painter."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_browser_reads_what_the_contract_says_and_nothing_else(blank_page, name):
    trace = EXAMPLES[name]
    everything = {"beats": list(STEPS), "ahead": ["update"], "only": False, "layer": "arrows"}
    read = run(
        blank_page,
        COMPOSED
        + """
        composed(given.trace, companies);
        const trace = { ...given.trace, meta: watched(given.trace.meta) };
        rules.moves(trace);
        rules.dataAt(trace, columns, 1, [0, 9]);
        for (const beat of ["", ...given.beats]) show(trace, 1, beat);
        shownWith(trace, {});
        return [...read];
        """,
        trace=LOOK | trace | {"meta": trace["meta"] | everything},
        beats=list(STEPS),
        companies=get_args(Company),
    )
    assert set(read) == set(get_type_hints(RULES[name]))


def test_browser_reads_of_what_stands_still_for_which_runs_it_does(blank_page):
    read = run(
        blank_page,
        COMPOSED + "composed(given.trace, companies).forEach(trace => shownWith(trace, {})); return [...read];",
        trace=LOOK | POINTS | {"meta": {}},
        companies=get_args(Company),
    )
    # That it follows nothing is how it is known to stand still.
    assert set(read) - {"follow", "company_dash"} == set(get_type_hints(Still))


def test_browser_reads_of_what_fills_the_picture_what_the_contract_says(blank_page):
    read, moving, filling = run(
        blank_page,
        """
        const read = new Set();
        const meta = new Proxy(given.trace.meta, { get: (own, key) => { read.add(key); return own[key]; } });
        rules.groundOver({ meta }, [0, 1], [0, 1]);
        return [[...read], rules.moves(given.trace), rules.fills(given.trace)];
        """,
        trace=GROUND,
    )
    assert set(read) == set(get_type_hints(RULES["bowl"]))
    assert (moving, filling) == (False, True)


def test_browser_reads_of_a_layout_what_the_contract_says(blank_page):
    scales = {"linear": [0, 9], "log": [-1, 1]}
    found = run(
        blank_page,
        """
        const read = [new Set(), new Set()];
        const watched = (object, seen) => new Proxy(object, { get: (own, key) => { seen.add(key); return own[key]; } });
        const meta = watched({ ...given.meta, scales: watched(given.meta.scales, read[1]) }, read[0]);
        return [rules.chartRules({ meta }), ...read.map(seen => [...seen]), rules.chartRules({})];
        """,
        meta={"during": "beats", "scales": scales, "along": "epochs", "widens": ["y"]},
    )
    told, of_layout, of_scales, nothing = found
    assert told == {"during": "beats", "scales": scales, "along": "epochs", "widens": ["y"]}
    assert set(of_layout) == set(get_type_hints(FigureMeta))
    assert set(of_scales) == set(get_type_hints(Scales))
    assert not any(nothing.values())


def test_beats_are_the_steps_of_the_engine_in_both_halves(blank_page):
    beats = blank_page.evaluate("async () => (await import('/app/static/stage/player/player.js')).BEATS")
    assert tuple(beats) == STEPS == get_args(Beat)
    assert set(get_type_hints(Seen)) == {"beats", "only", "ahead", "company", "company_dash", "layer", "shows"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_data_of_every_rule_are_those_of_the_playhead(blank_page, name):
    told = run(blank_page, "return rules.dataAt(given.trace, columns, given.k, given.x);", trace=EXAMPLES[name], k=K)
    assert told["x"] == pytest.approx(EXPECTED[name]["x"])
    assert told["y"] == pytest.approx(EXPECTED[name]["y"])


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in ("squares", "arrow", "field")])
def test_every_rule_is_painted_where_its_data_are(blank_page, name):
    calls = painted(blank_page, EXAMPLES[name])
    corners, dots = (
        np.array([numbers[:2] for name, *numbers in calls if name in names and not np.isnan(numbers[0])])
        for names in (("moveTo", "lineTo"), ("arc",))
    )
    expected = np.array(pixels(EXPECTED[name]))
    assert dots == pytest.approx(expected)
    # A single point has no line.
    assert corners == pytest.approx(expected) if len(expected) > 1 else not len(corners)


def test_line_is_named_at_its_end_where_its_rule_and_the_stage_say_so(blank_page):
    named = EXAMPLES["history"] | {"label": "run 2"}
    (text,) = [call[1:] for call in painted(blank_page, named) if call[0] == "fillText"]
    x, y = pixels({"x": [K], "y": [LOSS[K]]})[0]
    assert text[0] == "run 2"
    assert text[1] > x
    assert text[2] == pytest.approx(y)
    for silent in (named | {"label": ""}, named | {"meta": named["meta"] | {"label": False}}):
        assert not [call for call in painted(blank_page, silent) if call[0] == "fillText"]


def test_runs_of_a_sweep_that_got_lost_leave_the_others_for_a_place_of_their_own(blank_page):
    lost = [False, True, True]
    sweep = {"epochs": KEPT, "ends": [9, 1, 2], "lost": lost, "loss": SWEPT.ravel().tolist()}
    shown = {}
    for height in (None, 99.0):
        trace = EXAMPLES["sweep"] | {"sweep": sweep, "meta": {"follow": "sweep", "lost": height}}
        body = "return [0, 1, 2, 9].map(k => rules.dataAt(given.trace, columns, k, [0, 9]).y);"
        shown[height] = np.array(run(blank_page, body, trace=trace), dtype=float)
    nan = np.nan
    losses = [[8, 7, 6], [4, nan, 9], [2, nan, nan], [1, nan, nan]]
    np.testing.assert_array_equal(shown[None], losses)
    np.testing.assert_array_equal(shown[99.0], [[nan] * 3, [nan, 99, nan], [nan, 99, 99], [nan, 99, 99]])


def test_a_sweep_of_which_nothing_is_known_shows_nothing(blank_page):
    trace = EXAMPLES["sweep"] | {"sweep": None}
    body = "return rules.dataAt(given.trace, columns, 2, [0, 9]);"
    told = run(blank_page, body, trace=trace)
    assert told["x"] == EXPECTED["sweep"]["x"]
    assert np.isnan(told["y"]).all()


HELD = {"x": [1.0, 2.0, 3.0], "y": [4.0, 5.0, 6.0], "train": 2, "moved": [2], "line": [0.5, 2.0], "minimum": [7.0, 8.0]}
"""Points in a hand: two that train and one held out, which was moved; their least-squares line and least loss."""


@pytest.mark.parametrize(
    ("shows", "x", "y"),
    [
        ("training", [1], [4]),
        ("validation", [3], [6]),
        ("moved", [3], [6]),
        ("line", [9], [18.5]),
        ("minimum", [7], [8]),
    ],
)
def test_what_shows_the_data_follows_points_that_a_hand_moves(blank_page, shows, x, y):
    assert {*get_args(Shows)} == {"training", "residuals", "validation", "moved", "line", "minimum"}
    trace = {"x": [9.0], "y": [0.0], "meta": {"shows": shows}}
    made = run(blank_page, "return shownWith(given.trace, given.held);", trace=trace, held=HELD)
    assert (made["x"], made["y"]) == (x, y)
    guest = run(blank_page, "return shownWith(given.trace, given.held);", trace=trace | {"guest": True}, held=HELD)
    assert (guest["x"], guest["y"]) == ([9], [0])


def test_residuals_hang_on_the_points_that_a_hand_moves(blank_page):
    trace = EXAMPLES["affine"] | {"x": [0.0, 0.0, None] * 2, "y": [0.0] * 6}
    trace["meta"] = trace["meta"] | {"shows": "residuals", "fixed": [0.0, None, None] * 2}
    made = run(blank_page, "return shownWith(given.trace, given.held);", trace=trace, held=HELD)
    assert made["x"] == [1, 1, None, 2, 2, None]
    assert made["meta"]["fixed"] == [4, None, None, 5, None, None]


@pytest.mark.parametrize("symbol", ["star", "diamond-open", "circle-open"])
def test_marks_are_painted_where_they_are_as_outlines_if_open(blank_page, symbol):
    still = {"x": [2.0], "y": [5.0], "mode": "markers", "marker": {"symbol": symbol, "color": "red", "size": 10}}
    calls = run(blank_page, "show(given.trace, 1, ''); return calls;", trace=still)
    corners = np.array([numbers[:2] for name, *numbers in calls if name in ("lineTo", "arc")], dtype=float)
    assert corners.mean(axis=0) == pytest.approx(pixels({"x": [2.0], "y": [5.0]})[0], abs=0.01)
    assert ("stroke" in [name for name, *_ in calls]) == symbol.endswith("-open")


def test_squares_have_the_distance_from_the_line_as_their_side(blank_page):
    squares = [numbers for name, *numbers in painted(blank_page, EXAMPLES["squares"]) if name == "strokeRect"]
    for (x, y), (left, top, width, height) in zip(zip(*POINTS.values(), strict=True), squares, strict=True):
        error = (B[K] + W[K] * x - y) * HEIGHT / (Y_RANGE[1] - Y_RANGE[0])
        assert (left, top) == pytest.approx(pixels({"x": [x], "y": [y]})[0])
        assert [abs(width), -height] == pytest.approx([abs(error), error])
        # The line rises, so what is away from it lies to the left of a point below, to the right of one above.
        assert np.sign(width) == np.sign(error)


def test_arrow_points_where_the_step_leads_and_is_long_enough_to_be_seen(blank_page):
    start, end = map(np.array, pixels(EXPECTED["arrow"]))
    direction = (end - start) / np.linalg.norm(end - start)
    calls = painted(blank_page, EXAMPLES["arrow"])
    corners = [np.array(numbers) for name, *numbers in calls if name in ("moveTo", "lineTo")]
    assert corners[0] == pytest.approx(start)
    assert corners[1] == pytest.approx(start + 34 * direction)
    assert [numbers[0] for name, *numbers in calls if name == "fillText"] == ["it"]


def test_field_points_downhill_everywhere_in_view(blank_page):
    calls = painted(blank_page, EXAMPLES["field"])
    corners = np.array([numbers for name, *numbers in calls if name in ("moveTo", "lineTo")][: 2 * 66])
    starts, ends = corners[::2], corners[1::2]
    right, up = WIDTH / np.ptp(X_RANGE), HEIGHT / np.ptp(Y_RANGE)
    middles = (starts + ends) / 2
    b, w = X_RANGE[0] + middles[:, 0] / right, Y_RANGE[1] - middles[:, 1] / up
    # The loss of the example, by hand: n times the mean of the squared errors but for what does not depend on b and w.
    numbers = EXAMPLES["field"]["meta"]

    def loss(b, w):
        offset = b + numbers["x_mean"] * w - numbers["y_mean"]
        return numbers["n"] * (offset**2 + numbers["x_variance"] * (w - numbers["w_min"]) ** 2)

    step = 1e-4
    downhill = np.column_stack(
        [
            (loss(b - step, w) - loss(b + step, w)) * right,
            -(loss(b, w - step) - loss(b, w + step)) * up,
        ]
    )
    arrows = ends - starts
    lengths, steepness = np.linalg.norm(arrows, axis=1), np.linalg.norm(downhill, axis=1)
    assert len(arrows) > 50
    assert arrows / lengths[:, np.newaxis] == pytest.approx(downhill / steepness[:, np.newaxis], abs=1e-6)
    # The steeper, the longer; but none so short that it could not be read.
    order = np.argsort(steepness)
    assert (np.diff(lengths[order]) >= -1e-9).all()
    assert lengths.max() < 36
    # They fill the picture.
    assert middles.min(axis=0) == pytest.approx([18, 18], abs=6)
    assert middles.max(axis=0) == pytest.approx([WIDTH - 18, HEIGHT - 18], abs=6)


def test_what_belongs_to_a_layer_is_seen_only_where_that_is_chosen(blank_page):
    body = "show(given.trace, given.k, ''); return calls.map(([name]) => name);"
    for layers, seen in ((["arrows"], True), ([], False)):
        calls = run(blank_page, body, trace=LOOK | EXAMPLES["field"], k=K, layers=layers)
        assert ("stroke" in calls) == seen


@pytest.mark.parametrize(
    ("seen", "rows"),
    [
        ({}, {"": K, "forward": K, "loss": K, "backward": K, "update": K}),
        ({"beats": ["loss", "update"]}, {"": K, "loss": K, "update": K}),
        ({"beats": ["loss"], "only": True}, {"loss": K}),
        ({"ahead": ["update"]}, {"": K, "forward": K, "loss": K, "backward": K, "update": K + 1}),
    ],
    ids=str,
)
def test_traces_are_seen_in_the_beats_that_they_name(blank_page, seen, rows):
    trace = EXAMPLES["point"] | {"meta": EXAMPLES["point"]["meta"] | seen}
    found = {}
    for beat in ("", *STEPS):
        for _, x, *_ in (call for call in painted(blank_page, trace, beat=beat) if call[0] == "arc"):
            found[beat] = round(float(np.interp(x, (0, WIDTH), X_RANGE)))
    assert found == {beat: B[row] for beat, row in rows.items()}


def test_nothing_is_shown_of_an_epoch_that_is_not_trained_yet(blank_page):
    last = len(B) - 1
    ahead = EXAMPLES["point"] | {"meta": EXAMPLES["point"]["meta"] | {"ahead": ["update"]}}
    (dot,) = [call for call in painted(blank_page, ahead, last, "update") if call[0] == "arc"]
    assert dot[1:3] == pytest.approx(pixels({"x": [B[last]], "y": [W[last]]})[0])
    step = run(
        blank_page, "return rules.dataAt(given.trace, columns, given.k, [0, 9]);", trace=EXAMPLES["step"], k=last
    )
    assert step == {"x": [], "y": []}


@pytest.mark.parametrize(
    ("view", "epochs"),
    [([1, 2], [1, 2]), ([2.5, 0.5], [1, 2]), ([-9, 1.5], [0, 1]), ([3.2, 9], []), ([0, 99], [0, 1, 2, 3])],
    ids=str,
)
def test_lines_by_epoch_hold_only_what_is_in_view(blank_page, view, epochs):
    held = run(
        blank_page,
        "return rules.dataAt(given.trace, columns, 3, given.view);",
        trace=EXAMPLES["history"],
        view=view,
    )
    assert held == {"x": epochs, "y": [ROWS["loss"][epoch] for epoch in epochs]}


def test_gradients_of_a_batch_are_read_beside_the_columns(blank_page):
    meta = EXAMPLES["arrow"]["meta"] | dict(zip(("dx", "dy"), BATCH_COLUMNS, strict=True))
    known, unknown = run(
        blank_page,
        """
        const trace = { meta: given.meta };
        columns.aside = { row: 1, values: { batch_b_grad: 10, batch_w_grad: 20 } };
        return [1, 2].map(k => rules.dataAt(trace, columns, k, [0, 9]));
        """,
        meta=meta,
    )
    assert known == {"x": [B[1], B[1] - 2.5], "y": [W[1], W[1] - 5]}
    assert all(np.isnan([unknown["x"][1], unknown["y"][1]]))
