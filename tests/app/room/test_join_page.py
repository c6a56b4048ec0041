"""The page that asks for a code."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_page_asks_for_a_code_and_leads_to_its_room(hall):
    room, _ = hall.open()
    answer = hall.ask("GET", "/room")
    page = Elements(answer.body)
    (form,), (field,) = page.of("form"), page.of("input")
    assert (answer.status, form["method"], form["action"], field["name"]) == (200, "get", "room", "code")
    assert not page.of("script")
    code = room[-6:]
    for typed in (code, code.lower(), f"%20{code[:3]}%20{code[3:]}"):
        found = hall.ask("GET", f"/room?code={typed}")
        assert (found.status, found.headers["location"]) == (303, f"room/{code}")


def test_address_in_small_letters_leads_to_the_room(hall):
    room, _ = hall.open()
    code = room[-6:]
    assert hall.ask("GET", room).status == 200
    found = hall.ask("GET", f"/room/{code.lower()}")
    assert (found.status, found.headers["location"]) == (303, code)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("222222", "There is no room 222222."), ("hello", "A code has 6 letters"), ("", "A code has")],
)
def test_unknown_code_is_asked_for_again_with_a_sentence_beside_the_field(hall, typed, sentence):
    answer = hall.ask("GET", f"/room?code={typed}")
    page = Elements(answer.body)
    (field,) = page.of("input")
    assert answer.status == 404
    assert sentence in page.text
    assert (field["value"], field["aria-invalid"]) == (typed, "true")
    assert "problem" in field["aria-describedby"].split()


def test_address_of_no_room_asks_for_a_code_and_leads_on_from_there(hall):
    answer = hall.ask("GET", "/room/222222")
    page = Elements(answer.body)
    assert answer.status == 404
    assert page.of("form")[0]["action"] == "../room"
    assert all(link["href"].startswith("../") for link in page.of("link"))


def test_nothing_that_is_typed_becomes_part_of_the_page(hall):
    typed = '"><script>alert(1)</script>'
    for path in (f"/room?code={typed}", f"/room/{typed.replace('/', '')}"):
        page = Elements(hall.ask("GET", path).body)
        assert not page.of("script")
        assert page.of("input")[0]["value"] == typed.replace("/", "" if path[5] == "/" else "/")[:20]
