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
