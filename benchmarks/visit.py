"""One browser's visit over a real WebSocket: it opens a link, and pulls until the whole run is there.

It asks as `dashboard/static/stage/sources/streamlit.js` does: at once for what it knows to be missing, soon while the
playhead waits for rows, otherwise calmly; and again where no answer came. Messages are read no further than that needs,
and nothing is drawn: hundreds of visits fit beside the server that they measure.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any

from streamlit.proto.Common_pb2 import FileURLsResponse
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from benchmarks.protocol import Answer, Visitor
from benchmarks.server import Server

__all__ = ["Visit", "rest", "warm"]

# The numbers of the browser half, in seconds.
HURRY = 0.12
CALM = 0.7
UNANSWERED = 3.0
SECONDS_PER_FOLD = 1.6


class Visit(asyncio.Protocol):
    """A visit to the link `address?query` to one run. Times are the event loop's."""

    def __init__(self, address: str, query: str) -> None:
        self.visitor = Visitor(address, query)
        self.loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[float] = self.loop.create_future()
        """When the first answer with its scene had come."""
        self.whole: asyncio.Future[float] = self.loop.create_future()
        """When the last row of the run had come; of a page that shows no run, when all that it has had come."""
        self.calm: asyncio.Future[None] = self.loop.create_future()
        """Done when the server has heard that everything is here, and has nothing to do for this visit any more."""
        self.count = 0
        """The rows that are here."""
        self.blobs: list[bytes] = []
        """The rows as they came: Arrow streams."""
        self.stop: dict[str, Any] | None = None
        """How the run ended, once it has."""
        self.together = 1
        """With how many the run was trained jointly, itself included."""
        self.upload_urls: asyncio.Future[FileURLsResponse] | None = None
        """What the server answers to the wish to upload a file."""
        self.line_is_cut = False
        self.rows = self.scene = ""
        """The name of the scene whose rows are here, and of that which is here itself."""
        self._question = 0
        self._patience = UNANSWERED
        self._last = False
        self._script_finished = False
        self._position = 0.0
        self._looked = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        uri = parse_uri(address.replace("http", "ws", 1) + "_stcore/stream")
        self._line = ClientProtocol(uri, subprotocols=[Subprotocol("streamlit")], max_size=None)

    @classmethod
    async def begin(cls, address: str, query: str) -> Visit:
        """Connect and ask for the page."""
        visit = cls(address, query)
        await visit.connect()
        return visit

    async def connect(self) -> None:
        """The same for a visit that was made before."""
        uri = self._line.uri
        await self.loop.create_connection(lambda: self, uri.host, uri.port)

    def end(self) -> None:
        """Close the tab."""
        self._stop_asking()
        if self._transport:
            self._transport.abort()

    # --- the line ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._line.send_request(self._line.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._line.receive_data(data)
        for event in self._line.events_received():
            if not isinstance(event, Frame):
                if self._line.handshake_exc:
                    self._fail(self._line.handshake_exc)
                    return
                self.send(self.visitor.opening())
            elif event.opcode is Opcode.BINARY:
                self._hear(event.data)
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        self._stop_asking()
        self.line_is_cut = True
        self._fail(error or ConnectionError("The line was cut."))

    def send(self, message: bytes) -> None:
        self._line.send_binary(message)
        self._flush()

    def _flush(self) -> None:
        for data in self._line.data_to_send():
            if data and self._transport:
                self._transport.write(data)

    def _fail(self, error: Exception) -> None:
        for future in (self.opened, self.whole, self.calm):
            if not future.done():
                future.set_exception(error)
                future.exception()  # whoever awaits it hears of it; nobody need

    # --- the conversation ---

    def _hear(self, payload: bytes) -> None:
        message = ForwardMsg.FromString(payload)
        answer = self.visitor.hear(message)
        if answer:
            self._take(answer)
        elif message.WhichOneof("type") == "script_finished":
            self._script_finished = True
            self._last = self._last or not self.visitor.stage  # a page without a stage has said all
            self._rest()
        elif self.upload_urls and message.WhichOneof("type") == "file_urls_response":
            self.upload_urls.set_result(message.file_urls_response)

    def _take(self, answer: Answer) -> None:
        data, now = answer.data, self.loop.time()
        (run,) = data["runs"]
        self._patience = UNANSWERED
        if run["scene"] != self.rows:
            self.rows, self.count, self.blobs = run["scene"], 0, []
            self._position, self._looked = 0.0, now
        if run["scene"] in data["scenes"]:
            self.scene = run["scene"]
            if not self.opened.done():
                self.opened.set_result(now)
        self._play(now)
        if answer.rows and run["start"] == self.count:  # a question asked twice is answered twice
            self.count += run["sent"]
            self.blobs.append(answer.rows)
        self.stop, self.together = run["status"]["stop"], run["status"]["together"]
        lacking = self.count < run["count"] or self.scene != run["scene"]
        complete = not lacking and (not data["started"] or bool(self.stop))
        if not complete:
            waiting = math.expm1(self._position) >= self.count - 1 and not self.stop
            self._ask_after(0 if lacking else HURRY if waiting else CALM)
        else:
            if not self.whole.done():
                self.whole.set_result(now)
            self._stop_asking()
            self._last = True
            self._rest()

    def _play(self, now: float) -> None:
        """Move the playhead on, as far as there are rows."""
        self._position += (now - self._looked) / SECONDS_PER_FOLD
        self._position = min(self._position, math.log1p(max(self.count - 1, 0)))
        self._looked = now

    def _ask_after(self, seconds: float) -> None:
        self._stop_asking()
        self._timer = self.loop.call_later(seconds, self._ask)

    def _ask(self) -> None:
        self._stop_asking()
        self._question += 1
        self._script_finished = False
        have = {
            "counts": {self.rows: self.count},
            "scenes": [self.scene],
            "sweep": None,
            "hidden": False,
            "moments": None,
            "question": self._question,
        }
        self.send(self.visitor.question(have))
        self._timer = self.loop.call_later(self._patience, self._ask)
        self._patience *= 2

    def _stop_asking(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _rest(self) -> None:
        if self._last and self._script_finished and not self.calm.done():
            self.calm.set_result(None)


async def warm(server: Server) -> None:
    """Visit once with and once without a link of one's own, and let the server come to rest.

    What a server does only for its first visitors is over then.
    """
    for query in ("", "learning_rate=0.123&epochs=10"):
        visit = await Visit.begin(server.address, query)
        await asyncio.wait_for(visit.calm, 120)
        visit.end()
    await rest(server)


async def rest(server: Server) -> None:
    """Wait until the server has had nothing to do for a second."""
    used, quiet = server.cpu_seconds(), 0
    while quiet < 4:
        await asyncio.sleep(0.25)
        before, used = used, server.cpu_seconds()
        quiet = quiet + 1 if used - before < 0.02 else 0
