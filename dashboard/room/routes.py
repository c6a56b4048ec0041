"""The addresses of the lecture room, and who may say what there.

Everything but the pages is JSON in UTF-8, refusals too: `{"error": "one sentence that says what to do"}`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from importlib import import_module
from time import time
from types import ModuleType
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from dashboard.room.address import room_address
from dashboard.room.bounds import (
    ANSWER_BYTES,
    OPENING_BYTES,
    OPENINGS_AT_ONCE,
    OPENINGS_PER_SECOND,
    STAGE_BYTES,
    STATE_BYTES,
    Full,
)
from dashboard.room.codes import new_code, read_code
from dashboard.room.events import Stream
from dashboard.room.follower_page import follower_page
from dashboard.room.handout.kept import shared_handouts
from dashboard.room.join import PAGE_HEADERS, join_page, no_room
from dashboard.room.key import room_key
from dashboard.room.origins import is_own
from dashboard.room.qr import qr_svg
from dashboard.room.reading import Endpoint, Refusal, answering, read_json
from dashboard.room.rooms import FIRST, Room, Rooms, Unreachable
from dashboard.room.tokens import fits, is_genuine, new_token
from dashboard.server.door import Door
from dashboard.server.kept_file import KeptFile

__all__ = ["room_routes"]

NO_ROOM = "There is no such room: look at the code again, or ask whether the lecture has ended."
APART = "The servers do not reach one another, and this one does not know that room: try again in a few seconds."
FOREIGN = "This page has another address than the lab: open the lab itself, and there a new room."
NOT_YOURS = "This room has another lecturer: end the lecture here, and open a new room."
TOO_OLD = "This room was opened elsewhere, or more than a day ago: end the lecture here, and open a new room."
TOO_FAST = "That is too fast: wait a second, and send the last one again."
FULL_SERVER = "There are as many rooms as this server has place for: try again in a minute."
FULL_ROOM = "There are as many followers as a room takes, in all or from your network: look with your neighbour."
MANY_ANSWERS = "Very many answers come from your network: send yours again in a few seconds."
MANY_QUESTIONS = "Very many ask what the room shows: ask again in a second."
MANY_OPENINGS = "Very many rooms are being opened from your network: try again in a minute."
CLOSED = "This is not asked any more: wait for the next question."
NOTHING_SHOWN = "The lecturer shows nothing yet: wait a moment."
NOT_SHOWN = "The lecturer does not show yet what became of it: wait until they do."
NOT_TRIED = "Nothing of yours was tried in this turn: train one."
NOTHING_THERE = "There is nothing at this address."
NO_OPENING = 'Send nothing to open a room, or {"code": …, "secret": …} to bring one back.'


def room_routes(base: str, rooms: Rooms) -> list[Route]:
    """All of them. `base` is the path under which the lab is served: empty, or with a slash before and none behind."""
    desk = Desk(rooms)
    room = f"{base}/room/{{code}}"
    routes = [
        Route(f"{base}/room", answering(desk.join), methods=["GET"]),
        Route(f"{base}/room", answering(desk.open), methods=["POST"]),
        Route(room, answering(desk.follow), methods=["GET"]),
        Route(room, answering(desk.end), methods=["DELETE"]),
        Route(f"{room}/state", answering(desk.say), methods=["POST"]),
        Route(f"{room}/runs", answering(desk.runs), methods=["POST"]),
        Route(f"{room}/moment", answering(desk.moment), methods=["GET"]),
        Route(f"{room}/events", answering(desk.listen), methods=["GET"]),
        Route(f"{room}/answers", answering(desk.answer), methods=["POST"]),
        Route(f"{room}/lecture", answering(desk.look), methods=["GET"]),
        Route(f"{room}/offer", answering(desk.offer), methods=["GET"]),
        Route(f"{room}/turn", answering(desk.turn), methods=["GET"]),
        Route(f"{room}/turn/{{follower}}", answering(desk.outcome), methods=["GET"]),
        Route(f"{room}/chapter/{{name}}", answering(desk.hand_out("chapter")), methods=["GET"]),
        Route(f"{room}/chapter/{{name}}/{{cell}}", answering(desk.hand_out("outcome")), methods=["GET"]),
        Route(f"{room}/mistake/{{name}}", answering(desk.hand_out("mistake")), methods=["GET"]),
    ]
    elsewhere = Elsewhere(routes)
    return [*routes, Route(f"{base}/room", elsewhere), Route(f"{base}/room/{{rest:path}}", elsewhere)]


class Desk:
    """Answers the requests."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._openings = Door(OPENINGS_AT_ONCE, OPENINGS_PER_SECOND, rooms.clock)
        self._lecturing: ModuleType | None = None

    async def join(self, request: Request) -> Response:
        """The page that asks for a code, or the way to the room."""
        asked = request.query_params.get("code")
        if asked is None:
            return HTMLResponse(join_page(), headers=PAGE_HEADERS)
        code = read_code(asked)
        problem = await self._problem(code)
        if problem is not None:
            return HTMLResponse(join_page(asked, problem.sentence), problem.status, PAGE_HEADERS)
        return RedirectResponse(f"room/{code}", 303)

    async def follow(self, request: Request) -> Response:
        """The follower's page."""
        asked = request.path_params["code"]
        code = read_code(asked)
        problem = await self._problem(code)
        if problem is not None:
            return HTMLResponse(join_page(asked, problem.sentence, up="../"), problem.status, PAGE_HEADERS)
        if asked != code:
            return RedirectResponse(code, 303)
        return await asyncio.to_thread(follower_page)

    async def open(self, request: Request) -> Response:
        """Open a room, or bring one back."""
        require_own(request)
        said = await read_json(request, OPENING_BYTES)
        try:
            room = await (self._open(request) if said in (None, {}) else self._bring_back(said))
        except Full:
            raise Refusal(503, FULL_SERVER) from None
        room.hear()
        address = await asyncio.to_thread(room_address, request, room.code)
        told = {"code": room.code, "secret": room.secret, "address": address.url, "reachable": address.reachable}
        return JSONResponse(told | {"qr": await asyncio.to_thread(qr_svg, address.url)}, 201, NEVER_KEPT)

    async def _open(self, request: Request) -> Room:
        if not self._openings.lets_in(address_of(request)):
            raise Refusal(429, MANY_OPENINGS)
        key = await asyncio.to_thread(room_key)
        while True:
            code = new_code()
            secret = new_token(key, code, time())
            room = await self._rooms.open(code, secret)
            if room.secret == secret:  # and not one that had the code already
                await room.say(FIRST)
                return room

    async def _bring_back(self, said: Any) -> Room:
        if not (isinstance(said, dict) and said.keys() == {"code", "secret"}):
            raise Refusal(422, NO_OPENING)
        if not all(isinstance(text, str) for text in said.values()):
            raise Refusal(422, NO_OPENING)
        code, secret, room = read_code(said["code"]), said["secret"], None
        with suppress(Unreachable):  # whoever has its secret can have it here as well
            room = await self._rooms.find(code)
        if room is None:
            key = await asyncio.to_thread(room_key)
            if not (code and is_genuine(key, code, secret, time())):
                raise Refusal(403, TOO_OLD)
            room = await self._rooms.open(code, secret)
        if not fits(secret, room.secret):
            raise Refusal(403, NOT_YOURS)
        return room

    async def say(self, request: Request) -> Response:
        """Show the room what its lecturer shows."""
        room = await self._lecturers_room(request)
        if not room.doors.states.lets_in(room.code):
            raise Refusal(429, TOO_FAST)
        said = await read_json(request, STATE_BYTES)
        lecturing = await self._ready()
        try:
            await lecturing.say(room, said)
        except ValueError as error:
            raise Refusal(422, str(error)) from None
        return Response(status_code=204)

    async def look(self, request: Request) -> Response:
        """Tell the lecturer who is there, and what they answer."""
        room = await self._lecturers_room(request)
        if not room.doors.looks.lets_in(room.code):
            raise Refusal(429, TOO_FAST)
        lecturing = await self._ready()
        asked = request.query_params
        since = asked.get("turn", "")
        known = int(since) if since.isascii() and since.isdigit() and len(since) < 16 else 0
        return JSONResponse(await lecturing.standing(room, asked.get("of", ""), known), headers=NEVER_KEPT)

    async def offer(self, request: Request) -> Response:
        """Tell the lecturer what followers may try in what is shown, or as a `problem` why that is nothing."""
        room = await self._lecturers_room(request)
        lecturing = await self._ready()
        try:
            offered = await lecturing.offered(room)
        except ValueError as error:
            offered = {"problem": str(error)}
        return JSONResponse(offered, headers=NEVER_KEPT)

    async def turn(self, request: Request) -> Response:
        """Tell a follower what became of everybody's, once the lecturer shows it."""
        room = await self._stages_room(request)
        lecturing = await self._ready()
        turn = await lecturing.turn_of(room)
        if turn is None or not turn.asked.get("shown"):
            raise Refusal(404, NOT_SHOWN)
        return JSONResponse(turn.shown(), headers=NEVER_KEPT)

    async def outcome(self, request: Request) -> Response:
        """Tell a follower what became of what they have tried."""
        room = await self._stages_room(request)
        lecturing = await self._ready()
        follower = request.path_params["follower"]
        turn = await lecturing.turn_of(room, follower) if lecturing.FOLLOWER.fullmatch(follower) else None
        found = turn and turn.outcome(follower)
        if found is None:
            raise Refusal(404, NOT_TRIED)
        return JSONResponse(found, headers=NEVER_KEPT)

    async def end(self, request: Request) -> Response:
        """End the room."""
        room = await self._lecturers_room(request)
        await self._rooms.end(room.code)
        return Response(status_code=204)

    async def listen(self, request: Request) -> Response:
        """A follower's stream."""
        require_own(request)
        room = await self._room(request)
        if room.is_full(address_of(request)):
            raise Refusal(503, FULL_ROOM)
        if request.method == "HEAD":
            return Response(media_type=Stream.media_type)
        return Stream(self._rooms, room, address_of(request))

    async def runs(self, request: Request) -> Response:
        """Tell a follower's stage what it lacks of the runs that the room shows."""
        room = await self._stages_room(request)
        said = await read_json(request, STAGE_BYTES)
        if room.latest is None:
            raise Refusal(409, NOTHING_SHOWN)
        lecturing = await self._ready()
        try:
            return _packed(await lecturing.following(room).runs(room.latest.state, said))
        except ValueError as error:
            raise Refusal(422, str(error)) from None
        except lecturing.Busy:
            raise Refusal(429, MANY_QUESTIONS) from None

    async def moment(self, request: Request) -> Response:
        """Tell a follower's stage what happens within an epoch."""
        room = await self._stages_room(request)
        lecturing = await self._ready()
        try:
            found = await lecturing.following(room).moment(request.query_params)
        except lecturing.Busy:
            raise Refusal(429, MANY_QUESTIONS) from None
        # The room may be at another run by now, which is nobody's mistake.
        return Response(status_code=204) if found is None else _packed(found)

    async def answer(self, request: Request) -> Response:
        """Take a follower's answer."""
        require_own(request)
        room, address = await self._room(request), address_of(request)
        if not room.doors.answers.lets_in(address):
            raise Refusal(429, MANY_ANSWERS)
        said = await read_json(request, ANSWER_BYTES)
        lecturing = await self._ready()
        try:
            answer = lecturing.read_answering(said)
            if not room.doors.follower.lets_in(answer["follower"]):
                raise Refusal(429, TOO_FAST)
            await lecturing.answer(room, answer, address)
        except ValueError as error:
            raise Refusal(422, str(error)) from None
        except lecturing.Closed:
            raise Refusal(409, CLOSED) from None
        except Full:
            raise Refusal(503, FULL_ROOM) from None
        return Response(status_code=204)

    def hand_out(self, kind: str) -> Endpoint:
        """What gives followers the text of a chapter, of what came of one of its cells, or of a mistake."""

        async def answer(request: Request) -> Response | KeptFile:
            await self._room(request)
            try:
                found = await shared_handouts.find(kind, *list(request.path_params.values())[1:])
            except ChildProcessError as error:  # of a cell that computes in processes of its own: it can be run again
                raise Refusal(503, str(error)) from None
            if found is None:
                raise Refusal(404, NOTHING_THERE)
            return found

        return answer

    async def _room(self, request: Request) -> Room:
        return await self._find(read_code(request.path_params["code"]), NO_ROOM)

    async def _find(self, code: str, none: str) -> Room:
        """The room of that code. `none` is what is said where there is none."""
        try:
            room = await self._rooms.find(code)
        except Unreachable:
            raise Refusal(502, APART) from None
        except Full:
            raise Refusal(503, FULL_SERVER) from None
        if room is None:
            raise Refusal(404, none)
        return room

    async def _problem(self, code: str) -> Refusal | None:
        """Why nobody can go to the room of that code."""
        try:
            await self._find(code, no_room(code))
        except Refusal as problem:
            return problem
        return None

    async def _stages_room(self, request: Request) -> Room:
        """The room that a follower's stage asks something of, which it does again and again."""
        require_own(request)
        room = await self._room(request)
        if not room.doors.stages.lets_in(address_of(request)):
            raise Refusal(429, MANY_QUESTIONS)
        return room

    async def _lecturers_room(self, request: Request) -> Room:
        """The room, if its lecturer asks."""
        require_own(request)
        room = await self._room(request)
        if not fits(request.headers.get("x-presenter", ""), room.secret):
            raise Refusal(403, NOT_YOURS)
        room.hear()
        return room

    async def _ready(self) -> ModuleType:
        """What is loaded beside the first answers: it takes as long as torch does."""
        if self._lecturing is None:
            self._lecturing = await asyncio.to_thread(import_module, "dashboard.room.lecturing")
        return self._lecturing


class Elsewhere:
    """Answers what none of the routes does, as an ASGI application: Streamlit would show its page there."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = any(route.matches(scope)[0] is not Match.NONE for route in self._routes)
        sentence = f"This address does not take {scope['method']}." if known else NOTHING_THERE
        answer = JSONResponse({"error": sentence}, 405 if known else 404)
        await answer(scope, receive, send)


def address_of(request: Request) -> str:
    """Where it has come from."""
    return request.client.host if request.client else "here"


def require_own(request: Request) -> None:
    """Refuse what comes from another site's page."""
    if not is_own(request):
        raise Refusal(403, FOREIGN)


def _packed(told: bytes) -> Response:
    """JSON that is compressed already. Every browser that knows event streams understands it."""
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json", **NEVER_KEPT}
    return Response(told, headers=headers)


NEVER_KEPT = {"Cache-Control": "no-store"}
