"""The page as its visitors know it: the stage's standing, the player's buttons, the charts, the controls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Locator, Page

from core import Record

NAMES = ("data", "surface", "loss", "parameters")
"""The charts, in the order in which they are shown."""


class Stage:
    """`[data-testid="stage"]` on a page, and what stands around it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.element = page.get_by_test_id("stage")

    # --- the page -----------------------------------------------------------------------------------------

    def open(self, query: str = "") -> None:
        """Go to the lab with this query, and wait until the stage has its charts and its first record."""
        self.page.goto(f"/?{query}" if query else "/")
        self.wait_until_drawn()

    def reload(self) -> None:
        self.page.reload()
        self.wait_until_drawn()

    def wait_until_drawn(self) -> None:
        self.wait_for("stage.querySelectorAll('.js-plotly-plot .main-svg').length >= 4 && stage.dataset.loss")

    def wait_for(self, condition: str, given: Any = None) -> None:
        """Wait until `condition`, in JavaScript over `stage` (the element) and `given`, holds."""
        stage = "const stage = document.querySelector('[data-testid=stage]')"
        self.page.wait_for_function(f"given => {{ {stage}; return stage && ({condition}); }}", arg=given)

    def frames(self, count: int = 20) -> None:
        """Let the browser draw `count` frames: whatever is going to move on its own has moved then."""
        self.page.evaluate(
            """count => new Promise(resolve => {
                const next = () => (count-- > 0 ? requestAnimationFrame(next) : resolve());
                next();
            })""",
            count,
        )

    # --- where the stage stands ---------------------------------------------------------------------------

    def standing(self) -> dict[str, str]:
        """All its data-* attributes, of one moment."""
        return dict(self.element.evaluate("stage => ({...stage.dataset})"))

    @property
    def state(self) -> str:
        return self.standing()["state"]

    @property
    def epoch(self) -> int:
        return int(self.standing()["epoch"])

    @property
    def trained(self) -> int:
        return int(self.standing()["trained"])

    @property
    def values(self) -> tuple[float, float, float]:
        """b, w and loss at the playhead, in full."""
        standing = self.standing()
        return float(standing["b"]), float(standing["w"]), float(standing["loss"])

    def wait_state(self, *states: str) -> None:
        self.wait_for("given.includes(stage.dataset.state)", list(states))

    def wait_epoch(self, epoch: int) -> None:
        self.wait_for("Number(stage.dataset.epoch) === given", epoch)

    def wait_trained(self, epoch: int) -> None:
        """Wait until at least `epoch` epochs are trained."""
        self.wait_for("Number(stage.dataset.trained) >= given", epoch)

    def wait_run(self, records: Sequence[Record]) -> None:
        """Wait until the run with these records plays: past epoch 0, which runs may have in common."""
        self.wait_for(
            """stage.dataset.epoch > 0 && given.b[stage.dataset.epoch] === Number(stage.dataset.b)
                && given.w[stage.dataset.epoch] === Number(stage.dataset.w)""",
            {"b": [record.b for record in records], "w": [record.w for record in records]},
        )

    @property
    def message(self) -> str:
        """What the stage says in words."""
        return self.element.get_by_role("status").inner_text()

    # --- the player ---------------------------------------------------------------------------------------

    def button(self, label: str) -> Locator:
        return self.element.get_by_role("button", name=label, exact=True)

    def click(self, label: str) -> None:
        self.button(label).click()

    @property
    def slider(self) -> Locator:
        return self.element.get_by_role("slider", name="Epoch")

    @property
    def speed(self) -> Locator:
        return self.element.get_by_role("combobox", name="Speed")

    def seek(self, epoch: int) -> None:
        self.slider.fill(str(epoch))

    def rest(self) -> None:
        """Wait until all is trained, and stand still at the end."""
        self.wait_for("stage.dataset.trained === stage.querySelector('input[type=range]').max")
        self.page.keyboard.press("End")
        self.wait_state("finished")

    # --- the controls -------------------------------------------------------------------------------------

    def train(self) -> None:
        self.page.get_by_role("button", name="Train", exact=True).click()

    def type_number(self, label: str, value: str) -> None:
        """Write into one of the number fields, and press Enter."""
        field = self.page.get_by_role("spinbutton", name=label, exact=True)
        field.fill(value)
        field.press("Enter")

    def more(self) -> None:
        self.page.get_by_role("button", name="More").click()
        self.page.get_by_role("spinbutton", name="Seed", exact=True).wait_for()

    def choose(self, label: str, option: str) -> None:
        """Choose from one of the lists under More."""
        self.page.get_by_role("combobox", name=label).click()
        self.page.get_by_role("option", name=option, exact=True).click()

    # --- the charts ---------------------------------------------------------------------------------------

    def chart(self, name: str) -> Locator:
        return self.element.locator(f'[data-chart="{name}"]')

    def plot(self, name: str) -> Locator:
        """The node that belongs to Plotly."""
        return self.chart(name).locator(".js-plotly-plot")

    def trace(self, chart: str, name: str) -> dict[str, list[float | None]]:
        """x and y of one of a chart's traces, as Plotly has them."""
        return dict(
            self.plot(chart).evaluate(
                """(plot, name) => {
                    const {x, y} = plot.data.find(trace => trace.name === name);
                    return {x: Array.from(x), y: Array.from(y)};
                }""",
                name,
            )
        )

    def ranges(self, name: str) -> list[list[float]]:
        """What the chart's two axes show."""
        return list(
            self.plot(name).evaluate(
                "plot => [plot.layout.xaxis.range, plot.layout.yaxis.range].map(r => r.map(Number))"
            )
        )

    def wait_rest(self, chart: str, name: str, last: tuple[float, float]) -> None:
        """Wait until Plotly's own copy of a moving trace ends at this point: it catches up when the playhead rests."""
        self.plot(chart).page.wait_for_function(
            """([chart, name, last]) => {
                const plot = document.querySelector(`[data-chart="${chart}"] .js-plotly-plot`);
                const {x, y} = plot.data.find(trace => trace.name === name);
                return x.length > 0 && x.at(-1) === last[0] && y.at(-1) === last[1];
            }""",
            arg=[chart, name, list(last)],
        )
