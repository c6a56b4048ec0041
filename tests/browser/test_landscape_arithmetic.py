"""The landscape's arithmetic by itself: its projection against a rotation matrix, its heights against the landscape."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from core import Landscape

AREA = {"width": 500, "height": 300, "left": 40, "right": 30, "top": 20, "bottom": 10}
HEIGHT = 1.1
BOX = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (0, HEIGHT)]
CAMERAS = [(0, 90), (0, 30), (35, 28), (-120, 8), (179, 60), (90, 45)]

X = np.array([0.1, 0.4, 0.5, 0.9, 1.3])
BOWL = Landscape.of(X, np.array([1.0, 2.0, 1.5, 3.0, 3.2]), "sum")
B_RANGE, W_RANGE = (-1.0, 2.0), (0.0, 5.0)


@pytest.fixture
def run(blank_page):
    def evaluated(body: str, **given: object) -> Any:
        script = f"""async given => {{
            const [camera, scene] = await Promise.all(
                ["camera", "scene"].map(name => import(`/app/static/stage/charts/${{name}}.js`)));
            {body}
        }}"""
        return blank_page.evaluate(script, given)

    return evaluated


def seen(azimuth: float, elevation: float, places: np.ndarray) -> np.ndarray:
    """Right, up and nearness of places, by two rotations: about the upright axis, then about the one to the right."""
    around, tilt = np.radians([azimuth, 90 - elevation])
    about_z = np.array([[np.cos(around), np.sin(around), 0], [-np.sin(around), np.cos(around), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(tilt), np.sin(tilt)], [0, -np.sin(tilt), np.cos(tilt)]])
    return np.asarray(places) @ (about_x @ about_z).T


@pytest.mark.parametrize(("azimuth", "elevation"), CAMERAS)
def test_projection_is_a_rotation_drawn_to_scale_in_each_direction(run, azimuth, elevation):
    places = np.random.default_rng(3).uniform(-1, 1, size=(30, 3))
    body = """
        const view = camera.projection(given.camera, given.held, given.area);
        return given.places.map(place => view.place(...place));
    """
    camera = {"azimuth": azimuth, "elevation": elevation}
    found = np.array(run(body, camera=camera, held=BOX, area=AREA, places=places.tolist()))
    right, up = seen(azimuth, elevation, places)[:, :2].T
    for pixels, direction in ((found[:, 0], right), (found[:, 1], up)):
        scale, offset = np.polyfit(direction, pixels, 1)
        assert pixels == pytest.approx(scale * direction + offset, abs=1e-6)
    wide, tall = np.polyfit(right, found[:, 0], 1)[0], -np.polyfit(up, found[:, 1], 1)[0]
    assert tall > 0
    assert 1 - 1e-9 <= wide / tall <= 1.5 + 1e-9


@pytest.mark.parametrize(("azimuth", "elevation"), CAMERAS)
def test_what_is_to_be_seen_fits_its_area_and_fills_it(run, azimuth, elevation):
    body = "return given.held.map(place => camera.projection(given.camera, given.held, given.area).place(...place));"
    camera = {"azimuth": azimuth, "elevation": elevation}
    corners = np.array(run(body, camera=camera, held=BOX, area=AREA))
    low, high = corners.min(axis=0), corners.max(axis=0)
    inner = np.array([[40, 20], [470, 290]])
    assert (low >= inner[0] - 1e-6).all()
    assert (high <= inner[1] + 1e-6).all()
    assert (low + high) / 2 == pytest.approx(inner.mean(axis=0))
    assert ((high - low) / (inner[1] - inner[0])).max() == pytest.approx(1)


def test_a_slope_faces_the_camera_where_its_normal_points_at_it(run):
    slopes = np.random.default_rng(4).normal(size=(60, 2)) * 2
    for azimuth, elevation in CAMERAS:
        body = """
            const {facing} = camera.projection(given.camera, given.held, given.area);
            return given.slopes.map(slope => facing(...slope));
        """
        camera = {"azimuth": azimuth, "elevation": elevation}
        found = run(body, camera=camera, held=BOX, area=AREA, slopes=slopes.tolist())
        normals = np.column_stack([-slopes, np.ones(len(slopes))])
        assert found == (seen(azimuth, elevation, normals)[:, 2] > 0).tolist()


@pytest.mark.parametrize(
    ("camera", "turn", "after"),
    [
        ((35, 28), (10, 5), (45, 33)),
        ((175, 28), (10, 0), (-175, 28)),
        ((-175, 28), (-10, 0), (175, 28)),
        ((0, 28), (720, 0), (0, 28)),
        ((0, 28), (0, 100), (0, 90)),
        ((0, 28), (0, -100), (0, 8)),
    ],
)
def test_camera_goes_around_without_end_and_up_to_the_view_from_above(run, camera, turn, after):
    body = """
        const [azimuth, elevation] = given.camera;
        const {azimuth: around, elevation: up} = camera.turned({azimuth, elevation}, ...given.turn);
        return [around, up];
    """
    assert tuple(run(body, camera=camera, turn=turn)) == after


def scene(top: float) -> dict[str, Any]:
    return {"landscape": asdict(BOWL), "b": B_RANGE, "w": W_RANGE, "top": top, "heightAxis": [-1, -1]}


def above(b: np.ndarray, w: np.ndarray) -> np.ndarray:
    return BOWL.loss(b, w) - BOWL.loss_min


def test_height_is_the_loss_above_its_minimum(run):
    b, w = np.random.default_rng(5).uniform([-1, 0], [2, 5], size=(40, 2)).T
    top = float(np.sqrt(above(np.array([2.0]), np.array([5.0]))[0] / len(X)))
    body = "return given.points.map(([b, w]) => scene.placeIn(given.scene, b, w));"
    places = np.array(run(body, scene=scene(top), points=np.column_stack([b, w]).tolist()))
    assert places[:, 0] == pytest.approx(2 * (b + 1) / 3 - 1)
    assert places[:, 1] == pytest.approx(2 * w / 5 - 1)
    assert places[:, 2] == pytest.approx(HEIGHT * above(b, w) / above(2.0, 5.0))


def test_farthest_corner_is_the_highest_of_what_is_in_view(run):
    found = run("return scene.farthestCorner(given.of, given.b, given.w);", of=asdict(BOWL), b=B_RANGE, w=W_RANGE)
    highest = BOWL.surface(B_RANGE, W_RANGE).loss.max() - BOWL.loss_min
    assert len(X) * found**2 == pytest.approx(highest)


def test_numbers_along_the_height_stand_where_the_loss_is_as_high(run):
    ticks = run("return scene.heightTicks(given.scene, 4);", scene=scene(2.0))
    full = len(X) * 2.0**2
    for tick in ticks:
        assert tick["z"] == pytest.approx(HEIGHT * (tick["loss"] - BOWL.loss_min) / full)
    assert 3 <= len(ticks) <= 5
    assert BOWL.loss_min <= ticks[0]["loss"]
    assert ticks[-1]["loss"] <= BOWL.loss_min + full


def test_a_loss_beyond_all_numbers_still_has_its_place(run):
    far = {**scene(1e200), "b": [-1e200, 1e200], "w": [-1e200, 1e200]}
    places = np.array(run("return [[1e200, 0], [0, 0]].map(([b, w]) => scene.placeIn(given.scene, b, w));", scene=far))
    assert places[0] == pytest.approx([1, 0, HEIGHT])
    assert places[1] == pytest.approx([0, 0, 0])


def test_walls_are_cut_off_at_the_top(run):
    square = [
        {"x": 0, "y": 0, "z": 0.0},
        {"x": 1, "y": 0, "z": 2.2},
        {"x": 1, "y": 1, "z": 2.2},
        {"x": 0, "y": 1, "z": 0.0},
    ]
    cut = run("return scene.belowTop(given.square);", square=square)
    assert [(corner["x"], corner["y"], corner["z"]) for corner in cut] == [
        (0, 0, 0),
        (0.5, 0, HEIGHT),
        (0.5, 1, HEIGHT),
        (0, 1, 0),
    ]
    low = [corner | {"z": 1.0} for corner in square]
    assert run("return scene.belowTop(given.square);", square=low) == low
    assert run("return scene.belowTop(given.square);", square=[corner | {"z": 3.0} for corner in square]) == []


@pytest.mark.parametrize(
    ("low", "high", "numbers"),
    [
        (-0.3, 4.2, [0, 1, 2, 3, 4]),
        (0.12, 0.19, [0.12, 0.14, 0.16, 0.18]),
        (-50, 50, [-40, -20, 0, 20, 40]),
        (3, 3, []),
        (0, 1e305, [0, 2e304, 4e304, 6e304, 8e304, 1e305]),
    ],
)
def test_round_numbers_are_those_that_people_write(run, low, high, numbers):
    assert run("return scene.roundNumbers(given.low, given.high, 5);", low=low, high=high) == pytest.approx(numbers)
