"""The stage's modules by themselves, each imported from where the lab serves it."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from playwright.sync_api import Page

from core.geometry.landscape import digits_below
from core.insight.entries import Entries
from dashboard.stage.figures.template import array
from dashboard.stage.lines import Thing, entries, line, number, operand, setting, square, tensor

STAGE = "/app/static/stage"


@pytest.fixture
def page(blank_page):
    return blank_page


def run(page: Page, module: str, body: str, given: object = None):
    """What `body` returns; it sees the module as `m` and what it is given as `given`."""
    return page.evaluate(
        f"async given => {{ const m = await import('{STAGE}/{module}.js'); {body} }}",
        given,
    )


# --- format -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("1", "1"),
        ("-3", "−3"),
        ("1/3", "0.333333"),
        ("-1.5", "−1.50000"),
        ("0.00012345678", "0.000123457"),
        ("0.99999999", "1.00000"),
        ("1234.5", "1\u202f234.50"),
        ("123456", "123\u202f456"),
        ("-36449.96", "−36\u202f450.0"),
        ("999999.4", "999\u202f999"),
        ("999999.7", "1.000e6"),
        ("1e6", "1.000e6"),
        ("0.00009999999", "0.000100000"),
        ("0.000099", "9.900e−5"),
        ("-2.5e-7", "−2.500e−7"),
        ("1e300", "1.000e300"),
        ("NaN", "nan"),
        ("Infinity", "inf"),
        ("-Infinity", "−inf"),
    ],
)
def test_numbers_have_six_digits_and_a_real_minus(page, value, text):
    assert run(page, "shared/format", f"return m.number({value});") == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        ("Math.PI", 4, "3.142"),
        ("0.5", 5, "0.50000"),
        ("1e-9", 5, "1.00e−9"),
        ("123456.7", 4, "123\u202f457"),
        ("5.9e6 + 0.5", 4, "5.9e6"),
    ],
)
def test_numbers_can_have_fewer_digits_but_none_is_left_out_before_the_point(page, value, digits, text):
    assert run(page, "shared/format", f"return m.number({value}, {digits});") == text


def test_written_numbers_are_as_near_as_their_digits_allow(page):
    generator = np.random.default_rng(3)
    values = generator.normal(size=500) * 10.0 ** generator.integers(-12, 12, size=500)
    for digits in (4, 5, 6):
        texts = run(
            page, "shared/format", f"return given.map(value => m.plain(m.number(value, {digits})));", list(values)
        )
        for value, text in zip(values, texts, strict=True):
            kept = digits if 1e-4 <= abs(value) < 1e6 else digits - 2
            assert float(text) == pytest.approx(value, rel=0.51 * 10.0 ** (1 - kept)), text


@pytest.mark.parametrize(
    ("value", "operand", "square"),
    [
        ("2.5", "2.500", "2.500²"),
        ("-2.5", "(−2.500)", "(−2.500)²"),
        ("1.5e-7", "1.5e−7", "(1.5e−7)²"),
        ("-Infinity", "(−inf)", "(−inf)²"),
        ("NaN", "nan", "nan²"),
    ],
)
def test_terms_with_a_sign_stand_in_brackets(page, value, operand, square):
    terms = f"return [m.operand({value}, 4), m.square({value}, 4)];"
    assert run(page, "shared/format", terms) == [operand, square]


def test_settings_have_the_digits_that_they_were_given(page):
    settings = {
        "0.1": 0.1,
        "1e−8": 1e-8,
        "0.9": 0.9,
        "0.001": 1 - 0.999,
        "100": 100,
        "10.5": 10.5,
        "0.0205": 0.0205,
        "1e6": 1e6,
    }
    written = run(page, "shared/format", "return given.map(m.setting);", list(settings.values()))
    assert written == list(settings)


def test_plain_numbers_are_read_by_programs(page):
    texts = {
        "−1\u202f234.50": "-1234.50",
        "1.50e−7": "1.50e-7",
        "−inf": "-inf",
        "nan": "nan",
        "0.5 − 0.1 × (−2)": "0.5 - 0.1 × (-2)",
    }
    assert run(page, "shared/format", "return given.map(m.plain);", list(texts)) == list(texts.values())


def test_whole_numbers_have_thin_spaces_between_the_thousands(page):
    written = run(page, "shared/format", "return [0, 999, 1000, -1000, 99999.7, 1234567].map(m.whole);")
    assert written == ["0", "999", "1\u202f000", "−1\u202f000", "100\u202f000", "1\u202f234\u202f567"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "1 s"), (0.2, "1 s"), (59, "59 s"), (61, "2 min"), (5399, "90 min"), (5400, "1.5 h")]
)
def test_lengths_of_time_are_said_roughly(page, seconds, text):
    assert run(page, "shared/format", "return m.duration(given);", seconds) == text


@pytest.mark.parametrize("value", [0.80551234, 1.0, 1 - 1e-16, 12.3456, 123456.0, 0.00000098591, 9.8599e-12, 3e-13])
def test_a_limit_is_written_as_the_slider_has_it(page, value):
    shown = run(page, "shared/format", "return m.plain(m.below(given));", value)
    assert float(shown) == float(digits_below(value))
    if 1e-9 < value < 1000:
        assert shown == digits_below(value)


# --- lines ----------------------------------------------------------------------------------------------


def written(page, *parts):
    """What the page makes of a line with these parts, on its way through JSON."""
    text = json.dumps(line("muted", *parts), allow_nan=False)
    return run(page, "shared/lines", "return m.write(m.parse(given).parts);", text)


def test_line_is_written_with_its_numbers_as_they_stand_in_it(page):
    update = ["b = ", number(-0.123456), " − ", setting(0.1), " × ", operand(-2.0), " + ", square(-0.5), " ", number(7)]
    assert written(page, *update) == "b = −0.12346 − 0.1 × (−2) + (−0.50000)² 7"


def test_every_way_to_stand_in_a_line_is_known_to_the_page(page):
    things = {name: number(1.5)["number"] for name in Thing.__annotations__} | {
        "tensor": entries(Entries((1,), (1.5,)))
    }
    for name, thing in things.items():
        assert "1.5" in written(page, {name: thing}), name


@pytest.mark.parametrize(
    ("tensor_shown", "long", "short"),
    [
        (Entries((), (0.25,)), "0.25000", "0.25000"),
        (Entries((1,), (-0.25,)), "(1)  [−0.2500]", "−0.25000"),
        (Entries((2, 1), (0.1, 2.0)), "(2, 1)  [0.1000, 2]", "0.1000, …"),
        (Entries((80, 1), (1 / 3, -1e-9, 1.0)), "(80, 1)  [0.3333, −1.0e−9, 1, …]", "0.3333, …"),
    ],
    ids=["scalar", "one", "two", "many"],
)
def test_tensor_is_written_with_its_shape_and_its_first_numbers(page, tensor_shown, long, short):
    assert written(page, tensor(tensor_shown)) == long
    assert run(page, "shared/lines", "return m.short(given);", entries(tensor_shown)) == short


def test_pythons_none_is_written_for_no_tensor(page):
    assert run(page, "shared/lines", "return [m.tensor(null), m.short(null)];") == ["None", "None"]


def test_what_json_has_no_word_for_arrives(page):
    odd = [math.nan, math.inf, -math.inf]
    assert written(page, *map(number, odd)) == "naninf−inf"
    assert written(page, *map(operand, odd)) == "naninf(−inf)"
    assert written(page, tensor(Entries((3,), tuple(odd)))) == "(3)  [nan, inf, −inf]"


# --- columns ----------------------------------------------------------------------------------------------

BLOCKS = """
    const columns = new m.Columns();
    for (const part of given.parts) columns.append({loss: Float64Array.from(part)});
    const seen = [];
    columns.inBlocks("loss", given.from, given.to, () => given.most, (...block) => seen.push(block));
    return seen;
"""


def test_columns_join_what_they_are_given_and_know_every_row(page):
    rows, missing = run(
        page,
        "charts/columns",
        """
        const columns = new m.Columns();
        columns.append({b: [1, 2], w: [10, 20]});
        columns.append({b: Float64Array.from({length: 3000}, (_, i) => i), w: new Float64Array(3000)});
        return [
            [columns.count, columns.at("b", 0), columns.at("w", 1), columns.at("b", 3001), columns.at("epoch", 7)],
            [columns.at("b", 3002), columns.at("b", -1), columns.at("nothing", 0)],
        ];""",
    )
    assert rows == [3002, 1, 20, 2999, 7]
    assert all(math.isnan(value) for value in missing)


@pytest.mark.parametrize(("start", "stop"), [(0, 99), (13, 57), (98, 99), (40, 200)])
def test_blocks_of_one_are_every_row(page, start, stop):
    values = np.random.default_rng(1).normal(size=100).tolist()
    seen = run(page, "charts/columns", BLOCKS, {"parts": [values], "from": start, "to": stop, "most": 1})
    assert seen == [[k, 1, values[k], values[k]] for k in range(start, min(stop, 99) + 1)]


@pytest.mark.parametrize("parts", [1, 7, 100], ids="in {} parts".format)
@pytest.mark.parametrize(("start", "stop"), [(0, 9999), (0, 8191), (1, 9998), (777, 5432), (4095, 4097), (0, 9998)])
def test_blocks_of_many_rows_are_few_and_keep_every_peak(page, start, stop, parts):
    values = np.random.default_rng(2).normal(size=10_000)
    pieces = [piece.tolist() for piece in np.array_split(values, parts)]
    seen = run(page, "charts/columns", BLOCKS, {"parts": pieces, "from": start, "to": stop, "most": 40})
    after = start
    for row, rows, least, greatest in seen:
        assert row == after
        assert rows <= 40
        block = values[row : row + rows]
        assert (least, greatest) == (block.min(), block.max())
        after = row + rows
    assert after == stop + 1
    # Of 32 rows each, but for the ones before and after that fit no whole one.
    assert len(seen) <= (stop - start + 1) / 32 + 2 * math.log2(32)


def test_extremes_are_of_the_finite_values_alone(page):
    found = run(
        page,
        "charts/columns",
        """
        const columns = new m.Columns();
        columns.append({loss: [4, NaN, 1, 2, Infinity, -Infinity, NaN], b: [1, 2, 3, 4, 5, 6, 7]});
        return [[0, 6], [1, 1], [4, 6], [2, 9]].map(([from, to]) => columns.extremes("loss", from, to));""",
    )
    nothing = [math.inf, -math.inf]
    assert found == [[1, 4], nothing, nothing, [1, 2]]


def test_extremes_of_a_line_are_those_of_its_heights(page):
    b, w = np.random.default_rng(4).normal(size=(2, 3000))
    found = run(
        page,
        "charts/columns",
        """
        const columns = new m.Columns();
        const found = [];
        for (const part of [0, 1000, 2000]) {
            columns.append({b: given.b.slice(part, part + 1000), w: given.w.slice(part, part + 1000)});
            found.push(columns.lineExtremes("b", "w", 2.5, 17, 2500));
        }
        return found;""",
        {"b": b.tolist(), "w": w.tolist()},
    )
    for (least, greatest), count in zip(found, (1000, 2000, 3000), strict=True):
        heights = (b + 2.5 * w)[17 : min(count, 2501)]
        assert (least, greatest) == pytest.approx((heights.min(), heights.max()))


def test_path_has_all_early_rows_then_ever_fewer_and_always_the_last(page):
    short, long, longer = run(
        page, "charts/columns", "return given.map(k => [...m.pathRows(k)]);", [250, 30_000, 30_001]
    )
    assert short == list(range(251))
    assert long[:400] == list(range(400))
    assert long[-1] == 30_000
    assert len(long) < 1500
    assert longer[:-2] == long[:-1][: len(longer) - 2]
    assert sorted(set(long)) == long
    assert run(page, "charts/columns", "return [...m.pathRows(0)];") == [0]


# --- player -----------------------------------------------------------------------------------------------


def play(page: Page, body: str):
    return run(
        page,
        "player/player",
        "let changes = 0; const player = new m.Player(() => { changes += 1; });"
        "const load = (epochs, trained, stop = null) => {"
        "  player.load(epochs, true); player.started = true; player.receive(trained, stop);"
        "};" + body,
    )


def test_player_plays_epoch_k_after_time_that_grows_with_the_logarithm_of_k(page):
    shown = play(
        page,
        """
        load(1000, 1000, {reason: "finished"});
        const shown = [];
        for (let i = 0; i < 1200; i += 1) { player.tick(0.01); shown.push(player.epoch); }
        return shown;""",
    )
    for ticks, epoch in enumerate(shown, start=1):
        assert epoch == min(math.floor(math.expm1(ticks * 0.01 / 1.6) + 1e-6), 1000)


def test_player_at_another_speed_only_changes_the_clock(page):
    slow, fast = play(
        page,
        """
        return [[1, 400], [4, 100]].map(([speed, ticks]) => {
            load(1000, 1000, {reason: "finished"});
            player.setSpeed(speed);
            for (let i = 0; i < ticks; i += 1) player.tick(0.01);
            return player.epoch;
        });""",
    )
    assert slow == fast == math.floor(math.expm1(4 / 1.6))


def test_player_waits_at_the_last_trained_epoch_and_goes_on_when_more_comes(page):
    states = play(
        page,
        """
        const states = [];
        const note = () => states.push([player.state, player.epoch]);
        player.load(100, true); player.started = true; note();
        player.receive(0, null); note();
        player.receive(5, null); player.tick(1); note();
        for (let i = 0; i < 50; i += 1) player.tick(0.1);
        note();
        player.receive(50, null); player.tick(0.02); note();
        for (let i = 0; i < 50; i += 1) player.tick(0.1);
        note();
        player.receive(100, {reason: "finished"}); player.seek(99); note();
        for (let i = 0; i < 50; i += 1) player.tick(0.1);
        note();
        return states;""",
    )
    assert [state for state, _ in states] == [
        *["training", "training", "playing", "training", "playing", "training", "playing", "finished"]
    ]
    assert [epoch for _, epoch in states] == [0, 0, 0, 5, 5, 50, 99, 100]


def test_player_paused_stays_while_rows_come_and_time_passes(page):
    assert play(
        page,
        """
        load(100, 20);
        player.tick(2);
        player.pause();
        const {epoch} = player;
        player.tick(3); player.receive(60, null); player.tick(3);
        return [player.state, player.epoch === epoch, player.trained];""",
    ) == ["paused", True, 60]


@pytest.mark.parametrize(
    ("asked", "epoch"), [(-5, 0), (7.4, 7), (7.6, 8), (20, 20), (21, 20), ("Infinity", 20), ("-Infinity", 0)]
)
def test_player_seeks_only_what_is_trained(page, asked, epoch):
    assert play(page, f"load(100, 20); player.pause(); player.seek({asked}); return player.epoch;") == epoch


def test_player_goes_on_from_where_it_was_put(page):
    before, after = play(
        page,
        """
        load(1000, 1000, {reason: "finished"});
        player.seek(400);
        const before = player.epoch;
        player.tick(0.01);
        return [before, player.epoch];""",
    )
    assert before == 400
    assert after == math.floor(math.expm1(math.log1p(400) + 0.01 / 1.6))


def test_player_steps_pause_and_stop_at_both_ends(page):
    assert play(
        page,
        """
        load(10, 10, {reason: "finished"});
        const seen = [];
        for (const by of [1, 1, -1, -5, 20, 1]) { player.step(by); seen.push([player.epoch, player.playing]); }
        return seen;""",
    ) == [[1, False], [2, False], [1, False], [0, False], [10, False], [10, False]]


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("finished", "finished"),
        ("converged", "finished"),
        ("cancelled", "finished"),
        ("diverged", "diverged"),
        ("failed", "failed"),
    ],
)
def test_player_names_the_end_of_a_run_only_when_it_shows_it(page, reason, state):
    seen = play(
        page,
        f"""
        load(100, 30, {{reason: "{reason}"}});
        const seen = [player.state];
        player.seek(Infinity); seen.push(player.state);
        player.step(-1); seen.push(player.state);
        player.play(); seen.push(player.state);
        player.seek(30); player.play(); seen.push(player.state, player.epoch);
        return seen;""",
    )
    assert seen == ["playing", state, "paused", "playing", "playing", 0]


def test_player_without_a_run_is_idle_whatever_is_pressed(page):
    assert play(page, "player.toggle(); player.tick(5); player.replay(); return [player.state, player.epoch];") == [
        "idle",
        0,
    ]


def test_player_says_when_something_has_changed_and_not_otherwise(page):
    quiet, loud = play(
        page,
        """
        load(1000, 1000, {reason: "finished"});
        player.pause();
        changes = 0; player.tick(1);
        const quiet = changes;
        player.play(); changes = 0;
        for (let i = 0; i < 10; i += 1) player.tick(0.5);
        return [quiet, changes];""",
    )
    assert quiet == 0
    assert loud > 0


# --- bar --------------------------------------------------------------------------------------------------


def test_speed_that_is_chosen_while_the_bar_is_drawn_anew_counts(page):
    assert run(
        page,
        "player/bar",
        """
            const { Player } = await import("/app/static/stage/player/player.js");
            const root = document.createElement("div");
            const bar = new m.Bar(root, new Player(() => {}), () => {});
            // The stage draws what is new as soon as somebody does something, before the next frame.
            root.addEventListener("input", () => bar.update());
            const list = root.querySelector("select");
            list.value = "0.125";
            for (const type of ["input", "change"]) list.dispatchEvent(new Event(type, {bubbles: true}));
            return [bar.player.speed, list.value];""",
    ) == [0.125, "0.125"]


# --- theme ------------------------------------------------------------------------------------------------


def test_recolouring_exchanges_colours_by_role_and_nothing_else(page):
    assert run(
        page,
        "shared/theme",
        """
        const z = new Float32Array([1, 2]);
        const figure = {a: "#111", b: ["#222", "other", {c: "#111", n: 5, nothing: null}], z};
        const changed = m.recolour(figure, {text: "#111", line: "#222"}, {text: "#eee", line: "#ddd"});
        return [changed.a, changed.b[0], changed.b[1], changed.b[2], changed.z === z, figure.a];""",
    ) == ["#eee", "#ddd", "other", {"c": "#eee", "n": 5, "nothing": None}, True, "#111"]


@pytest.mark.parametrize(
    ("background", "dark"), [("#ffffff", False), ("#10141c", True), ("rgb(40, 40, 40)", True), ("", False)]
)
def test_darkness_is_read_from_the_pages_background(page, background, dark):
    assert run(
        page,
        "shared/theme",
        """
            const element = document.createElement("div");
            element.style.setProperty("--st-background-color", given);
            document.body.append(element);
            const dark = m.isDark(element);
            const left = element.childElementCount;
            element.remove();
            return [dark, left];""",
        background,
    ) == [dark, 0]


# --- painter ----------------------------------------------------------------------------------------------

DATA = """
    const { Columns } = await import("/app/static/stage/charts/columns.js");
    const columns = new Columns();
    columns.append({b: [0, 1, 2, 3], w: [5, 4, 3, 2], loss: [100, 10, 1, 0.1]});
"""


PAINT = (
    DATA
    + """
    const calls = [];
    const context = new Proxy({}, {
        get: (own, name) => name in own ? own[name] : (...given) => { calls.push([name, ...given]); },
        set: (own, name, value) => { own[name] = value; return true; },
    });
    const frame = {width: 100, height: 50, x: given.x, y: given.y};
    m.paint(context, frame, [{paintOpacity: 1, ...given.trace}], [{columns, k: given.k}]);
    return calls.filter(([name]) => ["moveTo", "lineTo", "arc"].includes(name)).map(([name, x, y]) => [name, x, y]);
"""
)
LINE = {"mode": "lines", "line": {"color": "red", "width": 1}}


def test_lines_are_painted_where_the_axes_put_them(page):
    painted = run(
        page,
        "charts/painter",
        PAINT,
        {
            "trace": {**LINE, "meta": {"follow": "history", "x": "epoch", "y": "b"}},
            "x": {"range": [0, 10], "type": "linear"},
            "y": {"range": [0, 5], "type": "linear"},
            "k": 2,
        },
    )
    assert painted == [["moveTo", 0, 50], ["lineTo", 10, 40], ["lineTo", 20, 30]]


def test_logarithmic_axis_is_painted_logarithmically(page):
    painted = run(
        page,
        "charts/painter",
        PAINT,
        {
            "trace": {**LINE, "meta": {"follow": "history", "x": "epoch", "y": "loss"}},
            "x": {"range": [0, 10], "type": "linear"},
            "y": {"range": [-1, 2], "type": "log"},
            "k": 3,
        },
    )
    assert [name for name, _, _ in painted] == ["moveTo", "lineTo", "lineTo", "lineTo"]
    assert [y for _, _, y in painted] == pytest.approx([0, 50 / 3, 100 / 3, 50], abs=1e-9)


def test_points_are_painted_alone_and_gaps_stay_gaps(page):
    axes = {"x": {"range": [0, 10], "type": "linear"}, "y": {"range": [0, 10], "type": "linear"}, "k": 1}
    marker = {"mode": "markers", "marker": {"color": "red", "size": 8}, "meta": {"follow": "point", "x": "b", "y": "w"}}
    assert run(page, "charts/painter", PAINT, {"trace": marker, **axes}) == [["arc", 10, 30]]
    residuals = {
        **LINE,
        "x": [1, 1, None, 2, 2, None],
        "meta": {"follow": "affine", "intercept": "b", "slope": "w", "fixed": [3, None, None, 4, None, None]},
    }
    assert run(page, "charts/painter", PAINT, {"trace": residuals, **axes}) == [
        *[["moveTo", 10, 35], ["lineTo", 10, 25], ["moveTo", 20, 30], ["lineTo", 20, 5]]
    ]


def test_only_what_the_zoom_shows_is_painted(page):
    painted = run(
        page,
        "charts/painter",
        """
        const { Columns } = await import("/app/static/stage/charts/columns.js");
        const columns = new Columns();
        columns.append({loss: Float64Array.from({length: 1000}, (_, k) => k)});
        let count = 0;
        const context = new Proxy({}, {
            get: (own, name) => name in own ? own[name] : () => { count += name === "lineTo" || name === "moveTo"; },
            set: (own, name, value) => { own[name] = value; return true; },
        });
        const [x, y] = [[100, 110], [0, 1]].map(range => ({range, type: "linear"}));
        const frame = {width: 500, height: 50, x, y};
        const trace = {mode: "lines", line: {}, paintOpacity: 1, meta: {follow: "history", x: "epoch", y: "loss"}};
        m.paint(context, frame, [trace], [{columns, k: 999}]);
        return count;""",
    )
    assert painted == 13


def test_numbers_that_run_away_are_painted_within_what_a_canvas_takes(page):
    painted = run(
        page,
        "charts/painter",
        """
        const { Columns } = await import("/app/static/stage/charts/columns.js");
        const columns = new Columns();
        columns.append({b: [1, 1e300, -1e300], w: [1, 1, 1]});
        const seen = [];
        const context = new Proxy({}, {
            get: (own, name) => name in own ? own[name] : (x, y) => { if (name.endsWith("To")) seen.push(x, y); },
            set: (own, name, value) => { own[name] = value; return true; },
        });
        const axis = {range: [0, 1], type: "linear"};
        const trace = {mode: "lines", line: {}, paintOpacity: 1, meta: {follow: "history", x: "b", y: "w"}};
        m.paint(context, {width: 9, height: 9, x: axis, y: axis}, [trace], [{columns, k: 2}]);
        return seen;""",
    )
    assert len(painted) == 6
    assert all(math.isfinite(value) and abs(value) <= 1e5 for value in painted)


# --- code -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("yhat = b + w * x[batch]", {"b": "b", "w": "w"}),
        ("b = b - lr * b_grad", {"b": "b", "b_grad": "gradient"}),
        ("    w -= lr * w.grad", {"w": "w", "w.grad": "gradient"}),
        ("b.grad.zero_()", {"b.grad": "gradient"}),
        ("w_grad = 2 * (x * error).mean()", {"w_grad": "gradient"}),
        ("loss = loss_fn(yhat, y)", {"loss": "loss", "loss_fn": "loss"}),
        ("loss.backward()", {"loss": "loss"}),
        ('loss_fn = nn.MSELoss(reduction="mean")', {"loss_fn": "loss"}),
        ("b, w = model.b, model.w", {"b": "b", "w": "w", "model.b": "b", "model.w": "w"}),
        ("        self.w = nn.Parameter(w)", {"self.w": "w", "w": "w"}),
        ("with torch.no_grad():", {"with": "keyword"}),
        ("class Line(nn.Module):", {"class": "keyword"}),
        ("    def forward(self, x):  # b and loss", {"def": "keyword", "# b and loss": "comment"}),
        ("# with b, w and b.grad", {"# with b, w and b.grad": "comment"}),
        ("bw = glossary + loss_fns + b_grads + wb + self.bias + returned + a.b + x.loss", {}),
        ("", {}),
    ],
)
def test_names_in_the_code_have_their_colour_as_whole_words_only(page, line, roles):
    pieces = run(page, "panels/code", "return [...m.coloured(given)];", line)
    assert "".join(piece for piece, _ in pieces) == line
    assert {piece: role for piece, role in pieces if role} == roles


# --- arrays -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["f8", "f4", "i4"])
def test_arrays_arrive_as_the_numbers_that_they_are(page, dtype):
    values = np.array([-3, 0, 1, 2**31 - 1, 12345]) if dtype == "i4" else np.array([-1 / 3, 0, 5e-324, 1e300, 0.1])
    with np.errstate(over="ignore"):
        expected = values.astype(dtype)
    given = array(expected[np.isfinite(expected)], dtype)
    assert run(page, "shared/arrays", "return m.unpacked(given);", given) == expected[np.isfinite(expected)].tolist()


# --- columns of a table ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("largest", "value", "text"),
    [
        (5.17, -3.14159, "−3.1416"),
        (0.4, 0.0123456, "0.0123"),
        (0.02, 0.0123456, "0.01235"),
        (2658.3, -2620.12, "−2\u202f620.1"),
        (23456.0, 1234.56, "1\u202f235"),
        (123456.0, 1234.56, "1\u202f234.6"),
        (2e7, 12345678.0, "1.23e7"),
        (1e-5, 1.23456e-6, "1.23e−6"),
        # Nothing is 0 that is none.
        (5.17, 1.23e-7, "1.2e−7"),
        (5.17, 0.0, "0.0000"),
        (math.inf, math.nan, "nan"),
    ],
)
def test_numbers_of_a_column_have_equally_many_decimals(page, largest, value, text):
    body = "return m.fixed(Number(given[1]), m.decimalsFor(Number(given[0]), 5));"
    assert run(page, "shared/format", body, [str(largest), str(value)]) == text


def test_rows_are_sorted_by_a_column_and_stay_sorted_while_the_line_moves(page):
    script = """
        const terms = new m.Terms(given);
        terms.sort("error", true);
        const found = [];
        for (const [b, w] of [[0, 0], [0, 3], [NaN, 0]]) {
            terms.follow(b, w);
            found.push([...terms.order]);
        }
        terms.sort("index", false);
        return [...found, [...terms.order], [...terms.columns.w_term]];
    """
    points = {"x": [1.0, 2.0, -1.0], "y": [1.0, 0.0, 0.0], "index": [30, 10, 20]}
    first, second, lost, by_number, _ = run(page, "panels/terms", script, points)
    # Errors -1, 0, 0 and then 2, 6, -3; of those that are no numbers none comes before another.
    assert (first, second, lost, by_number) == ([1, 2, 0], [1, 0, 2], [0, 1, 2], [1, 2, 0])
