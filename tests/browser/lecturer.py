"""A lecturer who speaks with the server as any program could: a room, and what is said in it."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

__all__ = ["Lecturer"]


class Lecturer:
    """A room of one's own on the server at `address`."""

    def __init__(self, address: str) -> None:
        self.address = address
        _, told = self.ask("POST", "/room")
        self.code: str = told["code"]
        self.secret: str = told["secret"]
        self._state: dict[str, Any] = {"link": "?", "page": "", "epoch": 0, "beat": "", "playing": False, "speed": 1}

    @property
    def page(self) -> str:
        """The path of the follower's page."""
        return f"/room/{self.code}"

    def show(self, **changed: Any) -> None:
        """What the room sees from now on: as before, but for what has changed. None is left out."""
        self._state |= changed
        state = {name: value for name, value in self._state.items() if value is not None}
        status, told = self.ask("POST", f"{self.page}/state", state)
        assert status == 204, told

    def bring_back(self) -> int:
        status, _ = self.ask("POST", "/room", {"code": self.code, "secret": self.secret})
        return status

    def look(self) -> Any:
        return self.ask("GET", f"{self.page}/lecture")[1]

    def end(self) -> None:
        status, told = self.ask("DELETE", self.page)
        assert status == 204, told

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and what is said, whatever it is."""
        headers = {"Content-Type": "application/json"}
        if hasattr(self, "secret"):
            headers["X-Presenter"] = self.secret
        data = None if body is None else json.dumps(body).encode()
        asking = Request(f"{self.address}{path}", data, headers, method=method)
        try:
            with urlopen(asking, timeout=60) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except HTTPError as refusal:
            return refusal.code, json.loads(refusal.read() or b"null")
