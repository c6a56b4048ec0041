"""What decides how a picture looks: how far axes reach, where lines turn, what swings, how paths fade, and names."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def run(blank_page):
    """What `body` returns; it sees a module of the charts as `m`, and what it is given as `given`."""

    def evaluate(module: str, body: str, given: object = None) -> Any:
        script = f"async given => {{ const m = await import('/app/static/stage/charts/{module}.js'); {body} }}"
        return blank_page.evaluate(script, given)

    return evaluate


# --- frames -----------------------------------------------------------------------------------------------


@pytest.fixture
def widened(run):
    def evaluate(first: Any, seen: Any, kind: str = "linear", *, upwards: bool = False) -> tuple[float, float]:
        body = "return m.widened(given.first, given.seen, given.kind, given.upwards);"
        low, high = run("frames", body, {"first": first, "seen": seen, "kind": kind, "upwards": upwards})
        return low, high

    return evaluate


@pytest.mark.parametrize("seen", [[-1.0, 3.0], [0.2, 0.2], [math.inf, -math.inf]], ids=str)
def test_axis_stands_still_while_it_holds_what_must_be_seen(widened, seen):
    assert widened([-1.0, 3.0], seen) == (-1, 3)


def test_axis_that_is_left_reaches_farther_in_few_steps_about_its_middle(widened):
    ranges = [widened([-1.0, 3.0], [1 - far, 1 + far / 2]) for far in np.geomspace(2, 2000, 300).tolist()]
    for (low, high), far in zip(ranges, np.geomspace(2, 2000, 300), strict=True):
        assert low <= 1 - far
        assert low + high == pytest.approx(2)
    lengths = [high - low for low, high in ranges]
    assert lengths == sorted(lengths)
    # About ten doublings; and no step is so small that it would be better not taken.
    assert len(set(lengths)) <= 13
    assert all(longer >= 1.25 * shorter for shorter, longer in pairwise(sorted(set(lengths))))
    assert max(lengths) <= 2.2 * 2 * 2000


def test_what_hardly_leaves_an_axis_hardly_moves_it(widened):
    low, high = widened([-1.0, 1.0], [-1.01, 0.0])
    assert high - low < 2 * 1.4


def test_axis_that_knows_nothing_below_it_only_grows_upwards(widened):
    low, high = widened([0.0, 4.0], [0.1, 30.0], upwards=True)
    assert low == 0
    assert 30 < high < 70


def test_logarithmic_axis_grows_by_whole_decades_on_the_side_that_is_left(widened):
    assert widened([-2.0, 0.5], [0.1, 3.0], "log") == (-2, 0.5)
    low, high = widened([-2.0, 0.5], [0.1, 1e6], "log")
    assert low == -2
    assert high >= 6
    assert high - 0.5 == int(high - 0.5)
    low, high = widened([-2.0, 0.5], [1e-5, 1.0], "log")
    assert high == 0.5
    assert low <= -5


@pytest.mark.parametrize("kind", ["linear", "log"])
def test_axes_stay_within_what_numbers_can_say(widened, kind):
    for seen in ([-1e308, 1e308], [0.0, 1.7e308], [5e-324, 1e308]):
        low, high = widened([-1.0, 1.0], seen, kind)
        assert math.isfinite(high - low)
        assert low < high


def test_of_losses_that_are_zero_an_axis_shows_what_it_can(widened):
    low, high = widened([-2.0, 1.0], [0.0, 5.0], "log")
    assert high == 1
    assert -80 < low < -30


# --- axes -------------------------------------------------------------------------------------------------

AXES = """
    const { Columns } = await import("/app/static/stage/charts/columns.js");
    const heads = given.runs.map(({rows, k, complete = false, epochLength = 1}) => {
        const columns = new Columns();
        columns.append(rows);
        return { columns: Object.assign(columns, {complete, epochLength}), k };
    });
    const layout = {xaxis: {range: [-15, 1020]}, yaxis: {range: [-1, 1]}};
    const scales = {vertical: "linear", epochs: given.epochs ?? "linear"};
    return m.axesAt(layout, given.rules, scales, given.moving, heads, "");
"""
LINE = {"meta": {"follow": "history", "x": "epoch", "y": "b"}}
POINT = {"meta": {"follow": "point", "x": "epoch", "y": "b"}}
RULES = {"along": "epochs", "widens": ["y"]}


def one_run(values: list[float], **more: Any) -> dict[str, Any]:
    return {"rows": {"b": values}, "k": len(values) - 1, **more}


def test_axis_of_epochs_ends_where_all_runs_have_ended(run):
    def latest(*lengths: int, complete: bool = True) -> float:
        runs = [one_run([0.0] * length, complete=complete) for length in lengths]
        return run("axes", AXES, {"runs": runs, "rules": RULES, "moving": []})["x"]["range"][1]

    assert latest(15, complete=False) == latest(1001) == latest(701) == latest(15, 1001) == 1020
    assert 14 < latest(15) < 2.1 * 14
    assert 200 < latest(15, 201) < 2.1 * 200
    assert 0 < latest(1) <= 2


def test_epoch_0_has_a_place_on_a_logarithmic_axis_of_any_unit(run):
    for length in (1, 20, 0.001):
        given = {"runs": [one_run([0.0, 1.0], epochLength=length)], "rules": RULES, "moving": [], "epochs": "log"}
        axis = run("axes", AXES, given)["x"]
        assert axis["floor"] == length / 2
        assert axis["range"][0] < math.log10(length / 2)
        assert (axis["ticks"]["tickvals"][0], axis["ticks"]["ticktext"][0]) == (length / 2, "0")
        assert len(axis["ticks"]["tickvals"]) <= 8


def test_of_lines_all_is_kept_in_view_and_of_points_where_they_lately_were(run):
    values = [0.0, 50.0, *[0.0] * 30]

    def highest(trace: dict[str, Any], *runs: dict[str, Any]) -> float:
        return run("axes", AXES, {"runs": runs, "rules": RULES, "moving": [trace]})["y"]["range"][1]

    assert highest(LINE, one_run(values)) > 50
    assert highest(POINT, one_run(values)) == 1
    assert highest(POINT, one_run(values[:3])) > 50
    # A trace of the second run is held in view as well.
    assert highest(LINE, one_run(values)) == highest(LINE | {"run": 1}, one_run([0.0]), one_run(values))
    assert highest(LINE | {"run": 1}, one_run(values), one_run([0.0])) == 1


# --- lines ------------------------------------------------------------------------------------------------

CORNERS = """
    const corners = [];
    const calls = {moveTo: (x, y) => corners.push([true, x, y]), lineTo: (x, y) => corners.push([false, x, y])};
    const context = new Proxy(calls, {get: (target, name) => target[name] ?? (() => {}), set: () => true});
    m.drawLine(context, given.flat(), {color: "red", width: 1});
    return corners;
"""


def corners(run, points: list[list[float]]) -> list[list[Any]]:
    """Of the line through the points: whether a stroke begins there, and the place."""
    return list(run("brush", CORNERS, points))


def test_what_goes_on_level_is_drawn_from_end_to_end(run):
    right = [[float(x), 50.0] for x in range(1000)]
    assert corners(run, right) == [[True, 0, 50], [False, 999, 50]]
    assert corners(run, right[::-1]) == [[True, 999, 50], [False, 0, 50]]


def test_line_with_fewer_corners_passes_by_every_point(run):
    x = np.arange(0, 300, 0.5)
    y = 100 * np.exp(-x / 20) * np.cos(x / 15)
    drawn = np.array(corners(run, np.column_stack([x, y]).tolist()))[:, 1:]
    assert np.abs(np.interp(x, drawn[:, 0], drawn[:, 1]) - y).max() <= 0.2
    assert len(drawn) < len(x) / 2
    assert drawn[-1] == pytest.approx([x[-1], y[-1]])


def test_line_that_turns_back_at_one_height_keeps_every_end(run):
    points = [[0.0, 5.0], [10.0, 5.0], [3.0, 5.0], [8.0, 5.0]]
    assert [place for _, *place in corners(run, points)] == points


def test_gap_in_a_level_line_stays_one(run):
    points = [[0, 5], [1, 5], [2, 5], [math.nan, math.nan], [4, 5], [5, 5], [6, 5]]
    assert corners(run, points) == [[True, 0, 5], [False, 2, 5], [True, 4, 5], [False, 6, 5]]


# --- series -----------------------------------------------------------------------------------------------

STRETCHES = """
    const { Columns } = await import("/app/static/stage/charts/columns.js");
    const columns = new Columns();
    columns.append({b: Float64Array.from(given.values)});
    return m.stretchesOf(columns, "b", 0, given.values.length - 1, row => row * given.gap, value => -value);
"""

ROWS = np.arange(1001)
SMOOTH = {
    "falling": 300 * np.exp(-ROWS / 40),
    "turning": 60 * np.exp(-ROWS / 300) * np.cos(ROWS / 60),
    "still": np.zeros(1001),
    "noise within the line": np.random.default_rng(5).uniform(-1, 1, 1001),
}
SWINGING = {
    "to and fro": 50 * np.cos(np.pi * ROWS) * np.exp(-ROWS / 900),
    "noise": np.random.default_rng(6).normal(0, 20, 1001),
    "in periods of a few rows": 60 * np.sin(ROWS),
}


def kinds(stretches: list[dict[str, Any]]) -> list[str]:
    return [stretch["kind"] for stretch in stretches]


@pytest.mark.parametrize("gap", [0.25, 1, 6, 80])
@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_series_is_a_line(run, name, gap):
    (stretch,) = run("series", STRETCHES, {"values": SMOOTH[name].tolist(), "gap": gap})
    assert stretch["kind"] == "line"
    points = np.array(stretch["points"]).reshape(-1, 2)
    assert points[-1] == pytest.approx([1000 * gap, -SMOOTH[name][-1]])
    assert points[:, 1].min() == -SMOOTH[name].max()
    assert points[:, 1].max() == -SMOOTH[name].min()
    # Rows are marked one by one only where they are far apart.
    assert len(stretch["marks"]) == (2 * 1001 if gap == 80 else 0)


def test_long_level_series_has_few_points(run):
    values = np.concatenate([np.geomspace(100, 1, 200), np.ones(29_800)])
    (stretch,) = run("series", STRETCHES, {"values": values.tolist(), "gap": 0.02})
    points = np.array(stretch["points"]).reshape(-1, 2)
    # Two a cell of some pixels, of which 600 hold at most 150.
    assert len(points) < 350
    assert points[:, 1].min() == -100
    assert points[-1] == pytest.approx([29_999 * 0.02, -1])


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_series_is_a_line_from_its_first_rows_on(run, name):
    for count in (1, 2, 3, 17, 31, 40, 70, 130):
        stretches = run("series", STRETCHES, {"values": SMOOTH[name][:count].tolist(), "gap": 0.25})
        assert kinds(stretches) == ["line"], count


@pytest.mark.parametrize("name", SWINGING)
def test_series_that_swings_within_few_pixels_is_the_band_between_its_extremes(run, name):
    values = SWINGING[name]
    (stretch,) = run("series", STRETCHES, {"values": values.tolist(), "gap": 0.25})
    assert stretch["kind"] == "band"
    upper, lower = (np.array(stretch[side]).reshape(-1, 2) for side in ("upper", "lower"))
    assert (upper[0, 0], upper[-1, 0]) == (0, 250)
    assert np.all(np.diff(upper[:, 0]) >= 0)
    assert -upper[:, 1].min() == values.max()
    assert -lower[:, 1].max() == values.min()
    # Far fewer than rows: a band of cells.
    assert len(upper) < 80
    last = np.array(stretch["last"]).reshape(-1, 2)
    assert last[:, 1] == pytest.approx(-values[-len(last) :])


@pytest.mark.parametrize("count", [4, 31])
def test_swings_that_can_be_told_apart_are_points(run, count):
    values = 50 * np.cos(np.pi * np.arange(count))
    (stretch,) = run("series", STRETCHES, {"values": values.tolist(), "gap": 250 / count})
    assert stretch["kind"] == "swings"
    assert np.array(stretch["points"]).reshape(-1, 2)[:, 1] == pytest.approx(-values)


def test_series_may_swing_in_one_part_and_be_calm_in_another(run):
    values = 80 * np.cos(np.pi * ROWS) * np.exp(-ROWS / 100)
    stretches = run("series", STRETCHES, {"values": values.tolist(), "gap": 0.25})
    assert kinds(stretches) == ["band", "line"]
    # They meet.
    assert stretches[0]["upper"][-2] == stretches[1]["points"][0]


def test_band_grows_at_its_end_only(run):
    values = SWINGING["to and fro"]
    for stop in (700, 701, 702, 715, 716):
        (stretch,) = run("series", STRETCHES, {"values": values[:stop].tolist(), "gap": 0.25})
        (longer,) = run("series", STRETCHES, {"values": values[: stop + 40].tolist(), "gap": 0.25})
        settled = len(stretch["upper"]) - 6
        assert longer["upper"][:settled] == stretch["upper"][:settled]


def test_what_is_no_number_is_a_gap_and_what_is_too_large_leaves_the_picture(run):
    values = "const values = [1, NaN, 2, Infinity];"
    (stretch,) = run("series", values + STRETCHES.replace("given.values", "values"), {"gap": 20})
    points = stretch["points"]
    assert np.isnan(points[2])
    assert [*points[:2], *points[4:]] == [0, -1, 40, -2, 60, -math.inf]


# --- path -------------------------------------------------------------------------------------------------

PATH = """
    const { Columns, pathRows } = await import("/app/static/stage/charts/columns.js");
    const columns = new Columns();
    columns.append({b: Float64Array.from(given.b), w: Float64Array.from(given.w)});
    const last = given.b.length - 1;
    return [[...pathRows(last)], m.pathOf(last, row => [100 * columns.at("b", row), -100 * columns.at("w", row)])];
"""


def test_path_leaves_out_rows_that_nobody_could_tell_from_those_before(run):
    epochs = np.arange(5000)
    way = {"b": 1 + np.exp(-epochs / 60), "w": 2 - np.exp(-epochs / 40)}
    rows, path = run("path", PATH, {name: values.tolist() for name, values in way.items()})
    assert len(path["rows"]) < len(rows) / 2
    assert path["rows"][-1] == 4999
    places = np.column_stack([100 * way["b"], -100 * way["w"]])
    assert np.array(path["points"]).reshape(-1, 2) == pytest.approx(places[path["rows"]])
    drawn_before = [max(drawn for drawn in path["rows"] if drawn <= row) for row in rows]
    assert np.abs(places[rows] - places[drawn_before]).max() <= 0.1
    # As the path grows, its old rows stay: it would flicker otherwise.
    _, shorter = run("path", PATH, {name: values[:3000].tolist() for name, values in way.items()})
    assert shorter["rows"][:-1] == path["rows"][: len(shorter["rows"]) - 1]


PIECES = "return m.piecesOf(given.map((_, i) => i), given.flat());"


def pieces(run, points: np.ndarray) -> list[dict[str, Any]]:
    return list(run("path", PIECES, points.tolist()))


def test_path_is_in_one_piece_after_another_and_fades_with_age(run):
    way = np.column_stack([3.0 * np.arange(1000), 100 * np.exp(-np.arange(1000) / 200)])
    found = pieces(run, way)
    joined = [found[0]["points"][:2]] + [
        piece["points"][i : i + 2] for piece in found for i in range(2, len(piece["points"]), 2)
    ]
    assert np.array(joined) == pytest.approx(way)
    strengths = [piece["opacity"] for piece in found]
    assert strengths == sorted(strengths)
    assert strengths[-1] == 1
    assert strengths[0] < 1
    assert not any(piece["restless"] for piece in found)
    # Its last twenty steps are solid.
    assert sum(len(piece["points"]) // 2 - 1 for piece in found if piece["opacity"] == 1) == 20


def test_path_that_goes_to_and_fro_is_strong_in_its_last_steps_alone(run):
    swings = np.column_stack([100 * np.cos(np.pi * np.arange(1000)), np.arange(1000) / 10])
    found = pieces(run, swings)
    assert all(piece["restless"] for piece in found)
    assert found[0]["opacity"] <= 0.25
    assert sum(len(piece["points"]) // 2 - 1 for piece in found if piece["opacity"] > 0.6) <= 20
    # Steps are marked one by one only where they are few.
    assert sum(len(piece["marks"]) // 2 for piece in found) <= 21


def test_leap_before_restless_steps_is_no_part_of_them(run):
    generator = np.random.default_rng(8)
    found = pieces(run, np.vstack([[[0, 0]], generator.normal((200, 100), 6, (300, 2))]))
    assert (found[0]["restless"], len(found[0]["points"])) == (False, 4)
    assert sum(piece["restless"] * len(piece["points"]) for piece in found) > 400


def test_long_steps_are_marked(run):
    (piece,) = pieces(run, np.array([[0, 0], [30, 0], [50, 0], [52, 0], [53, 0]]))
    assert piece["marks"] == [30, 0, 50, 0]


def test_path_of_one_point_has_no_pieces(run):
    assert pieces(run, np.array([[3, 4]])) == []


# --- labels -----------------------------------------------------------------------------------------------


def places(run, ends: list[tuple[float, float, float]], width: float = 250, height: float = 150, size: float = 14):
    body = "return m.placesOf(given.ends, given.frame, given.size);"
    given = {
        "ends": [dict(zip(("x", "y", "width"), end, strict=True)) for end in ends],
        "frame": {"width": width, "height": height},
        "size": size,
    }
    return [(place["left"], place["middle"]) for place in run("labels", body, given)]


def test_name_stands_right_of_its_line_where_there_is_room_and_else_above_its_end(run):
    ((left, middle),) = places(run, [(100, 70, 60)])
    assert left > 100
    assert middle == 70
    ((left, middle),) = places(run, [(240, 70, 60)])
    assert left + 60 < 240
    assert middle == 70 - 14


@pytest.mark.parametrize("seed", range(20))
def test_names_never_cover_one_another_and_stay_in_the_picture(run, seed):
    generator = np.random.default_rng(seed)
    count = int(generator.integers(2, 11))
    # Several runs at one playhead; some have ended before.
    x = np.where(generator.random(count) < 0.7, 180, generator.uniform(0, 250, count))
    y = np.where(generator.random(count) < 0.5, 75, generator.uniform(0, 150, count))
    ends = [(float(x[i]), float(y[i]), float(generator.uniform(20, 80))) for i in range(count)]
    found = places(run, ends)
    for i, (left, middle) in enumerate(found):
        assert 0 <= left <= left + ends[i][2] <= 250
        assert 7 - 1e-9 <= middle <= 143 + 1e-9
        for j, (other_left, other_middle) in enumerate(found[:i]):
            beside = left >= other_left + ends[j][2] or other_left >= left + ends[i][2]
            assert beside or abs(middle - other_middle) >= 14 - 1e-9


def test_names_keep_the_order_of_their_lines_and_move_no_more_than_they_must(run):
    middles = [middle for _, middle in places(run, [(100, 80, 30), (100, 20, 30), (100, 82, 30), (100, 84, 30)])]
    assert middles == pytest.approx([82 - 14, 20, 82, 82 + 14])
