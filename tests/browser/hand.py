"""A hand on the charts: a mouse or a finger, in units of a chart's axes."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import CDPSession, Locator
from stage import Stage
from stillness import bounds

from core import Experiment

__all__ = ["Finger", "Mouse", "experiment_of", "points_of", "released", "takes_up", "under"]

Place = tuple[float, float]


class Mouse:
    """A mouse over one chart."""

    def __init__(self, stage: Stage, chart: str) -> None:
        self.stage, self.chart = stage, chart
        self.area = bounds(stage.chart(chart).locator("canvas"))
        self.ranges = stage.ranges(chart)

    def pixel(self, place: Place) -> Place:
        """Where a place of the chart is in the window."""
        (left, right), (bottom, top) = self.ranges
        across, down = (place[0] - left) / (right - left), (top - place[1]) / (top - bottom)
        return self.area["x"] + across * self.area["width"], self.area["y"] + down * self.area["height"]

    def press(self, place: Place) -> None:
        self.move(place)
        self.stage.page.mouse.down()

    def move(self, place: Place) -> None:
        self.stage.page.mouse.move(*self.pixel(place))

    def let_go(self) -> None:
        self.stage.page.mouse.up()

    def double(self, place: Place) -> None:
        self.stage.page.mouse.dblclick(*self.pixel(place))


class Finger(Mouse):
    """A finger on one chart, as the browser's own protocol puts it there."""

    def __init__(self, stage: Stage, chart: str) -> None:
        stage.chart(chart).scroll_into_view_if_needed()
        super().__init__(stage, chart)
        self.session: CDPSession = stage.page.context.new_cdp_session(stage.page)

    def press(self, place: Place) -> None:
        self._touch("touchStart", place)

    def move(self, place: Place) -> None:
        self._touch("touchMove", place)

    def let_go(self) -> None:
        self._touch("touchEnd")

    def double(self, place: Place) -> None:
        for _ in range(2):
            self.press(place)
            self.let_go()

    def _touch(self, kind: str, *places: Place) -> None:
        points = [dict(zip("xy", self.pixel(place), strict=True)) for place in places]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def under(stage: Stage) -> tuple[float, float, float]:
    """b, w and loss under the hand, as the page says them in the frame after its last move."""
    stage.wait_for("stage.dataset.hand")
    stage.frames(3)
    b, w, loss = map(float, stage.standing()["hand"].split())
    return b, w, loss


def released(stage: Stage) -> None:
    """Wait until nothing is in hand any more, and what came of it is drawn."""
    stage.wait_for("stage.dataset.hand === '' && !stage.querySelector('.chart.outdated')")


def takes_up(stage: Stage, *names: str) -> Experiment:
    """Wait until the link has these parameters, and the stage the run that it describes; gives that experiment."""
    stage.page.wait_for_function(
        "names => names.every(name => new URLSearchParams(location.search).has(name))", arg=list(names)
    )
    released(stage)
    return experiment_of(stage)


def experiment_of(stage: Stage) -> Experiment:
    """The base that the link describes."""
    others = ("hand", "versus", "front", "keep", "data", "x", "y", "reading")
    experiment, problems = Experiment.from_query({k: v for k, v in stage.query.items() if k not in others})
    assert problems == []
    return experiment


def points_of(chart: Locator, name: str) -> list[Place]:
    """The points of a trace of markers, as plotly has read them."""
    points: Any = chart.locator(".js-plotly-plot").evaluate(
        """(plot, name) => {
            const {x, y} = plot._fullData.find(trace => trace.name === name);
            return Array.from(x, (value, i) => [value, y[i]]);
        }""",
        name,
    )
    return [(x, y) for x, y in points]
