"""What comes over the WebSocket for a run, from the click on `Train` until the page has every row.

The sizes are those of the messages that the page received, as sent (the server does not compress them). What comes
once, whatever the length of the run, is told apart from what comes by the epoch: the whole page, which Streamlit sends
again for every click on a button, and the scene with the figures, which comes before `Train` already, to show where the
run would start, and is counted from the opening of the page. The number is all the rest over the epochs: rows, answers
without rows, and Streamlit's own messages around both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from playwright.sync_api import Browser, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.browser import chromium, new_page, stage_is
from benchmarks.protocol import stage_answer
from benchmarks.server import LAB, serve
from benchmarks.table import Row, say

__all__ = ["wire"]


@dataclass
class Count:
    """Bytes received since `Train`, by what they are for; of scenes, those since the page was opened."""

    listening: bool = False
    page: int = 0
    rows: int = 0
    around: int = 0
    sent: int = 0
    answers: int = 0
    scenes: list[tuple[str, int]] = field(default_factory=list)
    """Name and size of every scene that came."""
    scene_now: str = ""
    _whole_page: bool = field(default=False, repr=False)

    @property
    def streamed(self) -> int:
        return self.rows + self.around

    @property
    def figures(self) -> list[int]:
        """The sizes of the scene that is shown, for each time that it came."""
        return [size for name, size in self.scenes if name == self.scene_now]

    def listen_to(self, socket: WebSocket) -> None:
        socket.on("framereceived", self.received)
        socket.on("framesent", lambda payload: self.send(len(payload)))

    def send(self, size: int) -> None:
        self.sent += size if self.listening else 0

    def received(self, payload: bytes | str) -> None:
        if isinstance(payload, str):
            return
        message = ForwardMsg.FromString(payload)
        if message.WhichOneof("type") == "new_session":
            self._whole_page = not message.metadata.run.fragment_ids
        answer = stage_answer(message)
        if answer:
            (run,) = answer.data["runs"]
            self.scene_now = run["scene"]
            # A scene is JSON within JSON: its length on the way is that with the quotes escaped.
            came = [(name, len(json.dumps(scene))) for name, scene in answer.data["scenes"].items()]
            self.scenes += came
            scene_bytes = sum(size for _, size in came)
        if not self.listening:
            return
        if answer:
            self.answers += 1
            self.rows += len(answer.rows)
            self.around += len(payload) - scene_bytes - len(answer.rows)
        elif self._whole_page:
            self.page += len(payload)
        else:
            self.around += len(payload)


def wire(*, quick: bool) -> list[Row]:
    lengths = (1000,) if quick else (1000, 30_000)
    with serve(LAB) as server, chromium() as browser:
        counts = {epochs: watch_run(browser, server.address, epochs) for epochs in lengths}
    parts = []
    for epochs, count in counts.items():
        scene = sum(count.figures)
        parts.append(
            f"{count.streamed / epochs:.1f} for a run of {epochs} ({count.rows / epochs:.1f} of them rows),"
            f" figures sent {len(count.figures)} ×; besides, once, {scene / 1024:.0f} KiB of figures and code"
            f" and {count.page / 1024:.0f} KiB of controls"
        )
    met = all(count.streamed <= 64 * epochs and len(count.figures) == 1 for epochs, count in counts.items())
    return [Row("bytes over the wire per epoch", "", "≤ 64, and figures once per run", "; ".join(parts), met)]


def watch_run(browser: Browser, address: str, epochs: int) -> Count:
    count = Count()
    with new_page(browser) as page:
        page.on("websocket", count.listen_to)
        page.goto(address)
        stage_is(page, "loss")
        if epochs != 1000:
            field = page.get_by_label("Epochs, exactly")
            field.fill(str(epochs))
            field.press("Enter")
            page.wait_for_function(f"() => document.querySelector('[aria-label=Epoch]').max === '{epochs}'")
        page.wait_for_timeout(1500)
        count.listening = True
        page.get_by_role("button", name="Train", exact=True).click()
        stage_is(page, f"+trained >= {epochs} && state !== 'idle'", seconds=120)
        page.wait_for_timeout(2000)  # nothing more should come
    say(
        f"  {epochs} epochs: {count.streamed} bytes in {count.answers} answers ({count.rows} of rows,"
        f" {count.around} around them), page {count.page}, figures {count.figures}; the page sent {count.sent}"
    )
    return count
