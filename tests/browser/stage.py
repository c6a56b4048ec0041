"""The page as its visitors know it: the stage's standing, the player's buttons, the charts, the controls."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page
from stillness import bounds

from core import Record

NAMES = ("data", "surface", "loss", "parameters")
"""The charts, in the order in which they are shown."""

BEATS = ("forward", "loss", "backward", "update")
"""What happens between two epochs, in this order."""

SHOWS = """stage.dataset.runs === String(given.length) && given.every((values, run) => ["b", "w", "loss"].every(
    (name, i) => Number(stage.dataset[run ? `${name}-${run}` : name]) === values[i]))"""
"""Whether the runs show the values of `given`, b, w and loss of each, the base first."""

CLOCK = """pace => {
    if (window.pace === undefined) {
        const draw = window.requestAnimationFrame.bind(window);
        let [before, shown] = [performance.now(), performance.now()];
        const told = now => {
            // Of one frame all callbacks are told the same.
            if (now > before) [before, shown] = [now, shown + (now - before) * window.pace];
            return shown;
        };
        window.requestAnimationFrame = callback => draw(now => callback(told(now)));
    }
    window.pace = pace;
}"""
"""Has the frames of a page told of another time, which runs at `window.pace`."""


class Stage:
    """`[data-testid="stage"]` on a page, and what stands around it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.element = page.get_by_test_id("stage")

    # --- the page -----------------------------------------------------------------------------------------

    def open(self, query: str = "", *, at: str = "", pace: float = 1) -> None:
        """Go to the lab with this query, and wait until the stage has its charts and its first record.

        At pace 0 the player's clock stands still from the beginning: nothing can be over before it is looked at.
        """
        if pace != 1:
            self.page.add_init_script(f"({CLOCK})({pace})")
        self.page.goto(f"{at}/?{query}" if query else f"{at}/")
        self.wait_until_drawn()

    def reload(self) -> None:
        self.page.reload()
        self.wait_until_drawn()

    def wait_until_drawn(self) -> None:
        """Wait until there is a record, and plotly has drawn every chart that is seen, but for a sweep's own."""
        self.wait_for(
            """stage.dataset.loss
                && [...stage.querySelectorAll("[data-chart]:not([hidden], [data-chart=landscape], [data-chart=sweep])")]
                    .every(chart => chart.querySelector(".js-plotly-plot .main-svg"))"""
        )

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

    @property
    def query(self) -> dict[str, list[str]]:
        """What the address bar says."""
        return parse_qs(urlsplit(self.page.url).query, keep_blank_values=True)

    def wait_query(self, **expected: list[str]) -> None:
        """Wait until the address bar says this and nothing else."""
        self.page.wait_for_function(
            """expected => {
                const query = new URLSearchParams(location.search);
                const found = Object.fromEntries([...new Set(query.keys())].map(name => [name, query.getAll(name)]));
                const sorted = entries => JSON.stringify(Object.entries(entries).toSorted());
                return sorted(found) === sorted(expected);
            }""",
            arg=expected,
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
        """Go to the epoch, once it is trained: before, the playhead would stay at the last one that is."""
        self.wait_trained(epoch)
        self.slider.fill(str(epoch))

    def rest(self) -> None:
        """Wait until all is trained, and stand still at the end."""
        self.wait_for("stage.dataset.trained === stage.querySelector('[aria-label=Epoch]').max")
        self.page.keyboard.press("End")
        self.wait_state("finished")

    def hurry(self, times: float) -> None:
        """Let the player's clock run this many times faster from here on: 1 is its usual pace, at 0 it stands still."""
        self.page.evaluate(f"({CLOCK})({times})")

    def wait_and_hold(self, condition: str, pace: float = 0) -> None:
        """Wait until `condition` holds, and stop the player's clock in the same frame: it still holds then.

        A clock that stands still runs at `pace` from here on: nothing can be over before it is looked at.
        """
        self.wait_for(f"(window.pace ||= given, {condition}) && ((window.pace = 0), true)", pace)

    # --- several runs -------------------------------------------------------------------------------------

    @property
    def runs(self) -> Locator:
        """The chips of the runs."""
        return self.element.get_by_role("group", name="Runs on the stage", exact=True)

    @property
    def run_names(self) -> list[str]:
        """What stands on the chips, and nothing while there are none."""
        names = self.runs.locator(".chip .name span").all_inner_texts()
        return [name for name in names if name]

    def run_button(self, label: str) -> Locator:
        """One of the chips' buttons: `Bring learning rate 0.5 to the front`, `Remove …`, `Make … the base`."""
        return self.runs.get_by_role("button", name=label, exact=True)

    def wait_runs(self, count: int, front: int = 0) -> None:
        """Wait until so many runs are on the stage, this one in front, and all is trained."""
        self.wait_for(
            """stage.dataset.runs === String(given[0]) && stage.dataset.front === String(given[1])
                && stage.dataset.trained === stage.querySelector('.bar input').max""",
            [count, front],
        )

    def values_of(self, run: int) -> tuple[float, float, float]:
        """b, w and loss of a run at the playhead, in full: of the base (0), or of a variant."""
        standing = self.standing()
        b, w, loss = (standing[f"{name}-{run}" if run else name] for name in ("b", "w", "loss"))
        return float(b), float(w), float(loss)

    @property
    def sweep(self) -> Locator:
        """The sweep's panel, in the place of the loss surface."""
        return self.chart("sweep")

    def open_sweep(self) -> None:
        """From the loss surface to the sweep, once that is trained."""
        self.chart("surface").get_by_role("button", name="Sweep", exact=True).click()
        self.wait_sweep()

    def wait_sweep(self, over: str = "") -> None:
        """Wait until the sweep, over what has this title, is drawn, and says what the picked value has come to."""
        self.wait_for(
            """stage.querySelector('[data-chart=sweep].ready .main-svg')
                && /^\\S+: (loss|diverged at) /.test(stage.querySelector('.picked .words').textContent)
                && (!given || stage.querySelector('[data-chart=sweep] .xtitle')?.textContent === given)""",
            over,
        )

    def wait_values(self, *records: Record) -> None:
        """Wait until the runs show these records, the base first."""
        self.wait_for(
            SHOWS,
            [[record.b, record.w, record.loss] for record in records],
        )

    def wait_at(self, epoch: int, *records: Record) -> None:
        """Go to the epoch, and wait until the runs show these records there.

        Runs that were asked for just now may come after the playhead went there, and then begin at epoch 0, which they
        may have in common with those before: so it is sent there for as long as it stands elsewhere.
        """
        self.wait_for(
            """(() => {
                const slider = stage.querySelector("[aria-label=Epoch]");
                if (slider.value !== String(given.epoch) && Number(slider.max) >= given.epoch) {
                    slider.value = String(given.epoch);
                    slider.dispatchEvent(new Event("input", {bubbles: true}));
                }
                return Number(slider.value) === given.epoch;
            })() && """
            + SHOWS.replace("given", "given.values"),
            {"epoch": epoch, "values": [[record.b, record.w, record.loss] for record in records]},
        )

    # --- the beats ----------------------------------------------------------------------------------------

    @property
    def beat(self) -> str:
        """The beat that is shown; empty for the epoch as a whole."""
        return self.standing()["beat"]

    @property
    def place(self) -> tuple[int, str]:
        """The epoch and the beat."""
        standing = self.standing()
        return int(standing["epoch"]), standing["beat"]

    def chip(self, beat: str) -> Locator:
        return self.button(f"{BEATS.index(beat) + 1} {beat}")

    @property
    def pressed(self) -> list[str]:
        """The texts of the chips that are pressed."""
        return self.element.locator(".beats [aria-pressed=true]").all_text_contents()

    @property
    def lit(self) -> list[str]:
        """The steps of the code that are lit up."""
        return list(self.element.locator("[data-step].lit").evaluate_all("all => all.map(step => step.dataset.step)"))

    def beat_lines(self) -> list[str]:
        """The numbers beside the lines that are lit, as soon as they are there."""
        self.wait_for("!['', '…'].includes(stage.querySelector('.lit .moment')?.textContent ?? '')")
        return self.element.locator(".moment li").all_text_contents()

    def copied(self, selector: str) -> str:
        """What is in the clipboard after all text of that part is copied."""
        self.element.locator(selector).evaluate("part => getSelection().selectAllChildren(part)")
        self.page.keyboard.press("Control+c")
        text = self.page.evaluate("navigator.clipboard.readText()")
        self.page.evaluate("getSelection().removeAllRanges()")
        return str(text)

    def wait_sections(self) -> None:
        """Wait until the charts that only the beats show are drawn."""
        self.wait_for("['loss-b', 'loss-w'].every(name => stage.querySelector(`[data-chart=${name}] .main-svg`))")

    @property
    def charts_shown(self) -> list[str]:
        panels = self.element.locator("[data-chart]")
        return list(panels.evaluate_all("all => all.filter(c => c.checkVisibility()).map(c => c.dataset.chart)"))

    def picture(self, chart: str) -> str:
        """What is painted over the chart, as a URL."""
        return str(self.chart(chart).locator("canvas").evaluate("canvas => canvas.toDataURL()"))

    # --- the graph ----------------------------------------------------------------------------------------

    def open_graph(self, query: str = "") -> None:
        """Go to the graph's own page, and wait until the graph has its numbers."""
        self.page.goto(f"/graph?{query}" if query else "/graph")
        self.wait_graph()

    def wait_graph(self) -> None:
        """Wait until the large graph says what is known of the epoch at the playhead."""
        self.wait_for("stage.querySelector('.graph[data-known=true]')")

    @property
    def graph(self) -> Locator:
        return self.element.get_by_role("group", name="Autograd graph", exact=True)

    @property
    def svg(self) -> Locator:
        return self.graph.locator("svg")

    @property
    def note(self) -> str:
        return self.graph.locator(".note").inner_text()

    def look(self, legend: str, option: str) -> None:
        """Choose what to look back from, or what requires gradients, and wait for the numbers of that."""
        radio = self.graph.get_by_role("group", name=legend).get_by_role("radio", name=option, exact=True)
        if not radio.is_checked():
            radio.check()
        self.wait_graph()

    def boxes(self) -> dict[str, dict[str, str]]:
        """By node: its texts by class, its place, and whether it is drawn as not recorded."""
        return dict(
            self.graph.evaluate(
                """graph => Object.fromEntries(Array.from(graph.querySelectorAll("[data-node]"), group => {
                    const all = group.querySelectorAll("text");
                    const texts = Array.from(all, text => [text.classList[0], text.firstChild?.textContent ?? ""]);
                    const shape = group.querySelector(".shape")?.textContent ?? "";
                    const place = group.getAttribute("transform");
                    const kept = group.classList.contains("unrecorded") ? "" : "kept";
                    return [group.dataset.node, {...Object.fromEntries(texts), shape, place, kept}];
                }))"""
            )
        )

    def edges(self) -> dict[str, tuple[str, str]]:
        """By the graph's own edge, `SOURCE>FUNCTION`: its derivative in letters and in numbers."""
        found = self.graph.evaluate(
            """graph => {
                const texts = one => Array.from(one.children, text => text.textContent);
                const labels = Array.from(graph.querySelectorAll(".labels"), texts);
                return Array.from(graph.querySelectorAll("[data-edge]"), (line, i) => [line.dataset.edge, labels[i]]);
            }"""
        )
        return {edge: (letters, value) for edge, (letters, value) in found}

    def tensors(self) -> dict[str, dict[str, str]]:
        """The table below the graph: by tensor, its cells by their heading."""
        rows = (
            self.graph.get_by_role("table")
            .locator("tr")
            .evaluate_all("rows => rows.map(row => Array.from(row.cells, cell => cell.textContent))")
        )
        heading, *rest = rows
        return {row[0]: dict(zip(heading[1:], row[1:], strict=True)) for row in rest}

    # --- the controls -------------------------------------------------------------------------------------

    def way(self, page: str) -> Locator:
        """The link at the top of the sidebar to one of the pages."""
        return self.page.get_by_test_id("stSidebar").get_by_role("link", name=page, exact=True)

    def train(self) -> None:
        self.page.get_by_role("button", name="Train", exact=True).click()

    def type_number(self, label: str, value: str) -> None:
        """Write into one of the number fields, and press Enter."""
        field = self.page.get_by_role("spinbutton", name=label, exact=True)
        field.fill(value)
        field.press("Enter")

    def number_field(self, label: str) -> Locator:
        return self.page.get_by_role("spinbutton", name=label, exact=True)

    def press(self, label: str) -> None:
        """One of the buttons beside the stage."""
        self.page.get_by_role("button", name=label, exact=True).click()

    def more(self) -> None:
        self.page.get_by_role("button", name="More").click()
        self.page.get_by_role("spinbutton", name="Seed", exact=True).wait_for()

    def upload(self, contents: bytes, name: str) -> None:
        """Choose this as an own file."""
        if not self.page.get_by_role("spinbutton", name="Seed", exact=True).is_visible():
            self.more()
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_test_id("stFileUploaderDropzone").locator("button").last.click()
        chooser.value.set_files({"name": name, "mimeType": "text/csv", "buffer": contents})

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

    def click_chart(self, name: str, x: float, scale: str = "linear") -> None:
        """Click into a chart at this place of its horizontal axis, which is linear or logarithmic."""
        area = bounds(self.chart(name).locator("canvas"))
        low, high = self.ranges(name)[0]
        part = ((log10(x) if scale == "log" else x) - low) / (high - low)
        self.page.mouse.click(area["x"] + part * area["width"], area["y"] + 0.4 * area["height"])

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
