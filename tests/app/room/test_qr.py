"""The QR picture: whole, readable on any ground, and the same in the terminal as on the page."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from dashboard.room.qr import qr_svg, qr_terminal

ADDRESS = "http://192.168.178.23:8501/room/K7QXM2"
SVG = "{http://www.w3.org/2000/svg}"

FINDER = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]
"""The pattern in three corners of every QR code, from ISO/IEC 18004."""

HALVES = {"█": "..", "▀": ".#", "▄": "#.", " ": "##"}
"""Of each character the upper and the lower module, `#` a dark one: what is written is light."""


def drawn(svg: str) -> list[str]:
    """The modules that the picture's path draws, row by row, `#` a dark one."""
    root = ElementTree.fromstring(svg)
    _, _, width, height = map(int, root.attrib["viewBox"].split())
    rows = [["."] * width for _ in range(height)]
    x = y = 0.0
    (path,) = [one.attrib["d"] for one in root.iter() if "stroke" in one.attrib]
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        given = [float(one) for one in re.findall(r"-?\d+\.?\d*", numbers)]
        if command == "h":
            for column in range(round(x), round(x + given[0])):
                rows[int(y)][column] = "#"
            x += given[0]
        else:
            x, y = (given[0], given[1]) if command == "M" else (x + given[0], y + given[1])
    return ["".join(row) for row in rows]


def test_picture_has_its_three_corners_and_an_empty_edge_of_four_modules():
    rows = drawn(qr_svg(ADDRESS))
    size = len(rows)
    assert all(len(row) == size for row in rows)
    assert [row[4:11] for row in rows[4:11]] == FINDER
    assert [row[size - 11 : size - 4] for row in rows[4:11]] == FINDER
    assert [row[4:11] for row in rows[size - 11 : size - 4]] == FINDER
    edge = rows[:4] + rows[-4:] + [row[:4] + row[-4:] for row in rows]
    assert "#" not in "".join(edge)


def test_picture_is_black_on_white_of_its_own_and_as_large_as_its_place():
    root = ElementTree.fromstring(qr_svg(ADDRESS))
    assert {"width", "height"}.isdisjoint(root.attrib)
    assert root.attrib["role"] == "img"
    size = root.attrib["viewBox"].split()[2]
    ground, modules = [one.attrib for one in root if one.tag.endswith("path")]
    assert (ground["fill"], ground["d"]) == ("#fff", f"M0 0h{size}v{size}h-{size}z")
    assert modules["stroke"] == "#000"


def test_text_is_its_name_and_never_markup():
    text = 'http://lab/?a=1&b=2"><script>'
    root = ElementTree.fromstring(qr_svg(text))
    (title,) = [one for one in root if one.tag.endswith("title")]
    assert title.text == f"QR code of {text}"
    assert not [one for one in root.iter() if one.tag.endswith("script")]


@pytest.mark.parametrize("coloured", [False, True])
def test_terminal_shows_the_same_modules(coloured):
    rows = drawn(qr_svg(ADDRESS))
    lines = re.sub(r"\x1b\[[\d;]*m", "", qr_terminal(ADDRESS, coloured=coloured)).split("\n")
    shown = [["".join(HALVES[one][half] for one in line) for half in (0, 1)] for line in lines]
    assert [row for pair in shown for row in pair][: len(rows)] == rows


def test_colours_end_with_the_line():
    for line in qr_terminal(ADDRESS, coloured=True).split("\n"):
        assert re.fullmatch(r"\x1b\[97;40m[█▀▄ ]+\x1b\[0m", line)
