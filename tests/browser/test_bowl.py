"""`bowl.js` against the landscape that it mirrors, on random points."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from core import Landscape

GENERATOR = np.random.default_rng(7)


def landscape(scale: float, offset: float, reduction: str) -> Landscape:
    """That of 30 points whose x spread by `scale` about `offset`."""
    x = offset + scale * GENERATOR.normal(size=30)
    return Landscape.of(x, 3 - 2 * x + GENERATOR.normal(size=30), reduction)


LANDSCAPES = [
    landscape(scale, offset, reduction)
    for scale in (1e-3, 1.0, 1e4)
    for offset in (0.0, -50.0)
    for reduction in ("mean", "sum")
]


@pytest.fixture
def bowl(blank_page):
    def run(body: str, **given: object) -> Any:
        script = f"async given => {{ const m = await import('/app/static/stage/charts/bowl.js'); {body} }}"
        return blank_page.evaluate(script, given)

    return run


@pytest.mark.parametrize("landscape", LANDSCAPES, ids=repr)
def test_loss_is_that_of_the_landscape_to_the_last_digits(bowl, landscape):
    points = GENERATOR.normal(size=(50, 2)) * 10.0 ** GENERATOR.integers(-3, 4, size=(50, 1))
    points = [*points.tolist(), [landscape.b_min, landscape.w_min]]
    found = bowl("return given.points.map(([b, w]) => m.lossAt(given.of, b, w));", of=asdict(landscape), points=points)
    assert found == pytest.approx([landscape.loss(b, w) for b, w in points], rel=1e-14)


@pytest.mark.parametrize("landscape", LANDSCAPES, ids=repr)
def test_contours_are_of_the_loss_over_the_rectangle_by_its_logarithm(bowl, landscape):
    b_range, w_range = ((least - 3.0, least + 4.0) for least in (landscape.b_min, landscape.w_min))
    made = bowl("return m.contoursOver(given.of, given.b, given.w);", of=asdict(landscape), b=b_range, w=w_range)
    surface = landscape.surface(b_range, w_range, len(made["x"]))
    assert made["x"] == pytest.approx(surface.b)
    assert made["y"] == pytest.approx(surface.w)
    assert np.array(made["customdata"]) == pytest.approx(surface.loss, rel=1e-10)
    above = surface.loss - landscape.loss_min
    assert np.array(made["z"]) == pytest.approx(np.log10(np.maximum(above, above.max() * 1e-4)), abs=1e-5)
    contours = made["contours"]
    assert contours["start"] == np.min(made["z"])
    assert contours["end"] == np.max(made["z"])
    assert contours["start"] + 14 * contours["size"] == pytest.approx(contours["end"])


def test_contours_are_numbers_where_the_loss_is_none_any_more(bowl):
    heights = bowl("return m.contoursOver(given.of, [-1e200, 1e200], [-1e200, 1e200]).z;", of=asdict(LANDSCAPES[4]))
    assert np.isfinite(np.array(heights, dtype=float)).all()
    assert np.max(heights) == pytest.approx(400, abs=2)


@pytest.mark.parametrize("landscape", LANDSCAPES, ids=repr)
def test_gradient_minimum_and_limit_are_those_of_the_landscape(bowl, landscape):
    at = (landscape.b_min + 0.7, landscape.w_min - 0.3)
    gradient, minimum, limit = bowl(
        "return [m.gradientAt(given.of, ...given.at), m.minimumOf(given.of), m.limitOf(given.of)];",
        of=asdict(landscape),
        at=at,
    )
    assert gradient == pytest.approx(landscape.gradient(*at), rel=1e-9)
    assert minimum == pytest.approx([landscape.b_min, landscape.w_min], rel=1e-12)
    assert limit == pytest.approx(landscape.max_learning_rate, rel=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("x", [[0.1] * 3, [1e9, -1e9, 3.0], [5.0], [1.0, 2.0, 4.0, 8.0]], ids=str)
def test_landscape_of_points_is_the_same_in_both_halves(bowl, x, reduction):
    y = [3.0, -1.0, 2.5, 7.0][: len(x)]
    made = bowl("return m.landscapeOf(given.x, given.y, given.reduction);", x=x, y=y, reduction=reduction)
    expected = asdict(Landscape.of(np.array(x), np.array(y), reduction))
    assert made.pop("reduction") == expected.pop("reduction")
    assert made == pytest.approx(expected, rel=1e-12)


def test_surface_in_a_hand_is_painted_as_plotly_fills_it(bowl, blank_page):
    """Every pixel lies between the contours between which plotly's does, and has that band's colour."""
    of = asdict(LANDSCAPES[4])
    b_range, w_range = ((least - 3.0, least + 4.0) for least in (LANDSCAPES[4].b_min, LANDSCAPES[4].w_min))
    scale = [[i / 4, f"#{i * 60:02x}0000"] for i in range(5)]
    data = blank_page.evaluate(
        """async ({of, b, w, scale}) => {
            const {paintBowl} = await import("/app/static/stage/charts/ground.js");
            const canvas = Object.assign(document.createElement("canvas"), {width: 61, height: 61});
            const context = canvas.getContext("2d", {willReadFrequently: true});
            const frame = {width: 61, height: 61, x: {range: b}, y: {range: w}};
            paintBowl(context, frame, {colorscale: scale, line: {color: "#00ff00"}, meta: of});
            return Array.from(context.getImageData(0, 0, 61, 61).data);
        }""",
        {"of": of, "b": b_range, "w": w_range, "scale": scale},
    )
    red, green = np.array(data).reshape(61, 61, 4)[..., :2].transpose(2, 0, 1)
    b, w = (low + (np.arange(61) + 0.5) / 61 * (high - low) for low, high in (b_range, w_range))
    above = np.log10(LANDSCAPES[4].loss(b[None, :], w[::-1, None]) - LANDSCAPES[4].loss_min)
    level = np.clip(np.floor((above - above.max() + 4) / 4 * 14), 0, 13)
    inside = green == 0
    assert inside.mean() > 0.5
    expected = np.interp((level + 1) / 15, np.linspace(0, 1, 5), [0, 60, 120, 180, 240])
    assert np.abs(red - expected)[inside].max() <= 1.5
