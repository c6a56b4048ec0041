"""The run as a film: what is in it, whatever the page does meanwhile, and how it is stopped."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from io import BytesIO
from math import expm1, floor, log1p

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect
from stage import Stage
from stillness import bounds

from core import Experiment, train
from dashboard.shared.palette import DARK, LIGHT

EPOCHS = 60
RUN = list(train(Experiment(epochs=EPOCHS, learning_rate=0.05, n=20)))

READ = """async ([film, type, parts]) => {
    const video = Object.assign(document.createElement("video"), {muted: true, src: `data:${type};base64,${film}`});
    const when = name => new Promise(resolve => video.addEventListener(name, resolve, {once: true}));
    await when("loadeddata");
    // Sought is not yet seen: a frame is there to be drawn once it has been presented.
    const goTo = async at => {
        const presented = new Promise(resolve => video.requestVideoFrameCallback(resolve));
        video.currentTime = at;
        await Promise.all([when("seeked"), presented]);
    };
    await goTo(1e6);
    const end = video.currentTime;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const pictures = [];
    for (const part of parts) {
        await goTo(part * end);
        canvas.getContext("2d").drawImage(video, 0, 0);
        pictures.push(canvas.toDataURL("image/png").split(",")[1]);
    }
    return [end, pictures];
}"""
"""How long a film lasts, and how it looks at parts of that."""


BEGUN = re.compile(r"\b[1-9]\d? of 60 s\b")
"""What is said of a film of which there is a second, or more by the time that it is looked at."""


@pytest.fixture
def stage(lab):
    stage = lab(f"epochs={EPOCHS}&learning_rate=0.05&n=20", pace=0)
    stage.wait_runs(1)
    return stage


def panel(stage: Stage) -> Locator:
    """What is chosen of a film, opened."""
    found = stage.page.get_by_role("dialog", name="Film", exact=True)
    if not found.is_visible():
        stage.button("Tools").click()
        stage.page.get_by_role("button", name="Film…").click()
    return found


def choose(stage: Stage, **chosen: str) -> Locator:
    opened = panel(stage)
    for label, option in chosen.items():
        opened.get_by_label(label).select_option(label=option)
    return opened


def frames_of(stage: Stage, film: bytes, *parts: float) -> tuple[float, list[np.ndarray]]:
    kind = "video/webm" if film[:4] == b"\x1a\x45\xdf\xa3" else "video/mp4"
    end, pictures = stage.page.evaluate(READ, [b64encode(film).decode(), kind, list(parts)])
    return end, [np.asarray(Image.open(BytesIO(b64decode(one))).convert("RGB"), float) for one in pictures]


def centre_of(frame: np.ndarray, colour: str) -> tuple[float, float]:
    """The middle of the disc in a colour: of what is left of it where lines are rubbed out."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], float)
    found = np.abs(frame - wanted).max(axis=2) < 60
    reach = 7
    # A pixel of the disc has its colour all around it; those of lines have not.
    inner = np.ones_like(found[reach:-reach, reach:-reach])
    for down, right in [(0, 0), (0, reach), (reach, 0), (0, -reach), (-reach, 0)]:
        height, width = found.shape
        inner &= found[reach + down : height - reach + down, reach + right : width - reach + right]
    rows, columns = np.nonzero(inner)
    assert len(rows), "there is no disc"
    return float(columns.mean()) + reach, float(rows.mean()) + reach


def test_film_of_a_chart_goes_from_the_first_epoch_to_the_last_whatever_the_page_does(stage):
    canvas, whole = bounds(stage.chart("surface").locator("canvas")), bounds(stage.chart("surface"))
    ranges = stage.ranges("surface")
    opened = choose(stage, Charts="Loss surface", Length="5 s", Ground="Dark")
    with stage.page.expect_download() as coming:
        opened.get_by_role("button", name="Record").click()
        expect(opened.get_by_role("progressbar")).to_be_visible()
        stage.page.keyboard.press("Escape")
        stage.page.keyboard.press("Escape")
        stage.seek(40)
        stage.wait_epoch(40)
        stage.chart("surface").get_by_role("button", name="3-D").click()
        stage.chart("landscape").locator("canvas").first.wait_for()
    assert coming.value.suggested_filename.split(".")[0] == "loss-surface-film"
    _, (first, last) = frames_of(stage, coming.value.path().read_bytes(), 0.0, 1.0)
    # 8 pixels around the chart, and the line with the epoch above it.
    assert first.shape[:2] == (2 * round(whole["height"] + 16 + 36), 2 * round(whole["width"] + 16))
    for frame, record in ((first, RUN[0]), (last, RUN[-1])):
        (left, right), (bottom, top) = ranges
        x = (record.b - left) / (right - left) * canvas["width"] + canvas["x"] - whole["x"] + 8
        y = (top - record.w) / (top - bottom) * canvas["height"] + canvas["y"] - whole["y"] + 8 + 36
        assert centre_of(frame, DARK["line"]) == pytest.approx((2 * x, 2 * y), abs=5)
        ground = np.array([int(DARK["background"][i : i + 2], 16) for i in (1, 3, 5)])
        assert np.abs(frame[4, 4] - ground).max() < 12


def test_film_of_all_charts_holds_a_run_that_leaves_them(lab):
    stage = lab("epochs=60&learning_rate=0.6&versus=learning_rate:0.9", pace=0)
    stage.wait_runs(2)
    opened = choose(stage, Length="5 s")
    with stage.page.expect_download() as coming:
        opened.get_by_role("button", name="Record").click()
    assert coming.value.suggested_filename.startswith("film-0.6-0.9.")
    _, (first, last) = frames_of(stage, coming.value.path().read_bytes(), 0.0, 1.0)
    charts = bounds(stage.element.locator(".charts"))
    assert first.shape[:2] == (2 * round(charts["height"] + 16 + 36), 2 * round(charts["width"] + 16))
    for run in (0, 1):
        centre_of(first, LIGHT["run-0"])
        colour = np.array([int(LIGHT[f"run-{run}"][i : i + 2], 16) for i in (1, 3, 5)])
        assert (np.abs(last - colour).max(axis=2) < 60).sum() > 100


def test_stopping_saves_the_film_as_far_as_it_is_and_discarding_saves_nothing(stage):
    opened = choose(stage, Charts="Loss", Length="60 s")
    saved = []
    stage.page.on("download", lambda download: saved.append(download))
    opened.get_by_role("button", name="Record").click()
    expect(opened.get_by_role("status")).to_contain_text(BEGUN)
    opened.get_by_role("button", name="Discard").click()
    expect(opened.get_by_role("button", name="Record")).to_be_visible()
    assert saved == []
    opened.get_by_role("button", name="Record").click()
    expect(opened.get_by_role("status")).to_contain_text(BEGUN)
    expect(opened.get_by_role("status")).to_contain_text("Stopping saves the film as far as it is.")
    with stage.page.expect_download() as coming:
        opened.get_by_role("button", name="Stop and save").click()
    end, (frame,) = frames_of(stage, coming.value.path().read_bytes(), 0.0)
    assert 0 < end < 30
    assert frame.std() > 5
    expect(opened.get_by_role("button", name="Record")).to_be_enabled()
    assert len(saved) == 1


def test_film_is_the_same_whatever_becomes_of_its_charts_meanwhile(lab):
    runs = "epochs=60&learning_rate=0.05&versus=learning_rate:0.1&surface_view=3d"
    stage = lab(runs, pace=0)
    stage.wait_runs(2)
    still, moved = record_all(stage), record_all(stage, meanwhile=lambda: change_everything(stage))
    for part, one, other in zip(("first", "last"), still, moved, strict=True):
        assert one.shape == other.shape
        # Films are compressed: of two of the same pictures the pixels differ a little.
        assert np.abs(one - other).mean() < 1, part


def record_all(stage: Stage, meanwhile: Callable[[], None] = lambda: None) -> list[np.ndarray]:
    """The first and the last frame of a film of all charts, while something is done to them."""
    opened = choose(stage, Length="5 s")
    with stage.page.expect_download() as coming:
        opened.get_by_role("button", name="Record").click()
        expect(opened.get_by_role("progressbar")).to_be_visible()
        meanwhile()
    _, frames = frames_of(stage, coming.value.path().read_bytes(), 0.0, 1.0)
    return frames


def change_everything(stage: Stage) -> None:
    """The charts' scales, layers, camera, zoom, colours, size and runs."""
    stage.page.keyboard.press("Escape")
    stage.page.keyboard.press("Escape")
    for axis in ("Vertical axis: change to linear", "Horizontal axis: change to logarithmic"):
        stage.chart("loss").get_by_role("button", name=axis).click()
    stage.chart("landscape").get_by_role("button", name="Gradients as arrows").click()
    stage.chart("landscape").get_by_role("application").press("ArrowLeft")
    stage.page.set_viewport_size({"width": 1100, "height": 800})
    stage.page.emulate_media(color_scheme="dark")
    stage.run_button("Remove learning rate 0.1").click()
    stage.wait_for("stage.dataset.runs === '1'")
    stage.chart("landscape").get_by_role("button", name="Contours").click()


BROKEN = "() => { CanvasRenderingContext2D.prototype.drawImage = () => { throw new Error('out of memory'); }; }"


def test_film_that_fails_ends_and_says_what_to_do(stage, visitors):
    visitors.forgiven = re.compile("out of memory")
    opened = choose(stage, Charts="Loss", Length="60 s")
    opened.get_by_role("button", name="Record").click()
    expect(opened.get_by_role("status")).to_contain_text(BEGUN)
    stage.page.evaluate(BROKEN)
    words = "The film has failed, and nothing is saved. Record it again, or try another kind of file or a shorter film."
    expect(opened.get_by_role("status")).to_have_text(words)
    expect(opened.get_by_role("button", name="Record")).to_be_enabled()
    expect(opened.get_by_role("button", name="Stop and save")).to_be_hidden()
    # Whoever did not look at it is told so later.
    stage.page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    stage.page.get_by_role("button", name="Film…").click()
    expect(opened.get_by_role("status")).to_have_text(words)


HELD = """() => {
    const draw = Plotly.toImage;
    Plotly.toImage = async (...given) => {
        await new Promise(resolve => { window.goOn = resolve; });
        return draw(...given);
    };
}"""
"""What plotly draws takes as long as one likes."""


def test_film_can_be_saved_from_its_first_picture_on_and_discarded_before(stage):
    stage.page.evaluate(HELD)
    opened = choose(stage, Charts="Loss", Length="60 s")
    opened.get_by_role("button", name="Record").click()
    stage.page.wait_for_function("Boolean(window.goOn)")
    expect(opened.get_by_role("status")).to_have_text("Drawing what stands still…")
    expect(opened.get_by_role("button", name="Stop and save")).to_be_hidden()
    opened.get_by_role("button", name="Discard").click()
    stage.page.evaluate("goOn(); goOn = null")
    expect(opened.get_by_role("button", name="Record")).to_be_visible()
    opened.get_by_role("button", name="Record").click()
    stage.page.wait_for_function("Boolean(window.goOn)")
    stage.page.evaluate("goOn()")
    with stage.page.expect_download():
        opened.get_by_role("button", name="Stop and save").click()


def test_chart_that_has_left_the_stage_is_not_filmed(stage):
    opened = choose(stage, Charts="Loss surface")
    stage.chart("surface").get_by_role("button", name="3-D").evaluate("button => button.click()")
    stage.chart("landscape").wait_for()
    opened.get_by_role("button", name="Record").click()
    expect(opened.get_by_role("status")).to_have_text("That chart is not on the stage now: choose another one.")
    choose(stage, Charts="Loss surface").get_by_role("button", name="Record").click()
    expect(opened.get_by_role("progressbar")).to_be_visible()
    opened.get_by_role("button", name="Discard").click()


RECORD = """async ([fails, stops]) => {
    const {record} = await import("/app/static/stage/takeaway/film/recording.js");
    const canvas = document.createElement("canvas");
    canvas.getContext("2d");
    const [Own, made] = [MediaRecorder, {}];
    const capture = canvas.captureStream.bind(canvas);
    canvas.captureStream = rate => (made.stream = capture(rate));
    window.MediaRecorder = class extends Own { constructor(...given) { super(...given); made.recorder = this; } };
    const stopping = new AbortController();
    let drawn = 0;
    const draw = () => {
        drawn += 1;
        if (drawn === fails) throw new Error("no picture");
        if (drawn === stops) stopping.abort();
    };
    const recording = record(canvas, draw, 1.2, "video/webm", () => {}, stopping.signal);
    const outcome = await recording.then(() => "film", ({message}) => message);
    window.MediaRecorder = Own;
    const before = drawn;
    document.dispatchEvent(new Event("visibilitychange"));
    // As many frames as a recording that goes on would draw some more in.
    for (let i = 0; i < 20; i += 1) await new Promise(requestAnimationFrame);
    const tracks = (made.stream?.getTracks() ?? []).map(track => track.readyState);
    return {outcome, tracks, state: made.recorder?.state ?? "inactive", later: drawn - before};
}"""
"""How a recording ends of which one picture fails, or after which it is stopped, and what of it goes on."""


@pytest.mark.parametrize(
    ("fails", "stops", "outcome"),
    [(0, 0, "film"), (0, 4, "film"), (1, 0, "no picture"), (2, 0, "no picture"), (4, 0, "no picture")],
    ids=["to its end", "stopped", "never begun", "failed at once", "failed later"],
)
def test_nothing_of_a_recording_goes_on_once_it_is_over(blank_page, fails, stops, outcome):
    found = blank_page.evaluate(RECORD, [fails, stops])
    # Of one whose first picture fails there is no stream.
    tracks = [] if fails == 1 else ["ended"]
    assert found == {"outcome": outcome, "tracks": tracks, "state": "inactive", "later": 0}


def test_where_no_chart_is_seen_there_is_nothing_to_film(stage):
    stage.click("Enlarge graph")
    stage.button("Tools").click()
    expect(stage.page.get_by_role("button", name="Records as CSV")).to_be_visible()
    expect(stage.page.get_by_role("button", name="Film…")).to_be_hidden()


def test_browser_that_cannot_record_says_so(visitors):
    page = visitors.come()
    page.add_init_script("delete window.MediaRecorder")
    stage = Stage(page)
    stage.open(f"epochs={EPOCHS}", pace=0)
    opened = panel(stage)
    expect(opened.get_by_role("status")).to_contain_text("This browser cannot record films.")
    expect(opened.get_by_role("button", name="Record")).to_be_disabled()


def test_epochs_of_a_film_come_as_in_the_player(blank_page):
    last, frames = 1000, 150
    found = blank_page.evaluate(
        """async ([last, frames]) => {
            const {epochAt, epochsOf} = await import("/app/static/stage/takeaway/film/pacing.js");
            const {Player} = await import("/app/static/stage/player/player.js");
            const player = new Player(() => {});
            player.load(last, true);
            player.receive(last, {reason: "finished"});
            const played = [];
            while (player.playing) { player.tick(0.05); played.push(player.epoch); }
            const filmed = played.map((_, i) => epochAt((i + 1) / played.length, last));
            return [played, filmed, epochsOf(frames, last)];
        }""",
        [last, frames],
    )
    played, filmed, shown = found
    # They begin and end together; in between a step of the clock makes little of an epoch's number.
    assert (filmed[-1], played[-1]) == (last, last)
    assert np.abs(np.log1p(played) - np.log1p(filmed)).max() < 0.7
    assert shown == sorted({min(floor(expm1(i / frames * log1p(last)) + 1e-9), last) for i in range(frames + 1)})
