"""Where a table begins: what stands above it, its header, a row of units, its first row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.data.reading.choices import Choices
from core.data.reading.likeness import is_like_a_value, is_missing

__all__ = ["Layout", "layout_of", "names_of"]

Cells = tuple[str, ...]

_COMMENT = re.compile(r"(#|%|//)+\s*")

_UNIT = re.compile(
    r":?-{2,}:?|[\[(<].{0,20}[\])>]|[%‰°#$€£¥-]|°?[CFK]|(da|[munpkMGhdcµμ])?(m|g|s|A|V|W|J|N|Pa|Hz|K|mol|L|l|bar|Ω|ohm|cd|eV|Wh|B|bit)"
    r"([²³]|\^?-?[123])?|ft|in|inch|inches|lb|lbs|oz|mi|mph|yd|min|h|hr|hrs|d|day|days|sec|seconds|minutes|hours|years?|yr|a|ha|"
    r"t|kn|deg|rad|ppm|ppb|pH|psi|hPa|kcal|cal|dB|USD|EUR|GBP|CHF|JPY|Stk|pcs|n|count"
)


@dataclass(frozen=True)
class Layout:
    """How the first lines of a table are understood."""

    skip: int
    """That many lines stand above the header, or above the first row where there is none."""
    header: Cells | None
    """The header's cells, as many as a row has; None where there is none."""
    units: int
    """That many rows of units stand below the header."""
    body: int
    """The line that holds the first row."""
    width: int
    """How many cells a row has."""
    doubtful: bool = False
    """Whether the header, or the first row, could as well be the other."""


def layout_of(lines: Sequence[Cells], choices: Choices) -> Layout:
    """The layout of a table that starts with these lines, as far as it is not chosen.

    Raises:
        ValueError: if the header names fewer columns than the rows have.
    """
    width = _width(lines)
    columns = _columns_of_values(lines, width)
    start = _with_empty_rows(lines, _first_row(lines, width, columns), width, columns)
    at, units = _header_above(lines, start, width)
    if at is None:
        at, units, there = start, 0, _is_header(lines, start, width)
    else:
        there = True
    if choices.skip:
        at, units = int(choices.skip), int(choices.units or 0)
    if choices.header:
        there = choices.header == "yes"
    if not choices.header and _names_fewer(lines, at, width) and not there:
        raise ValueError(
            f"has {len(lines[at - 1])} names above rows of {width} cells, as where the comma separates and is the "
            "decimal sign too: save it with semicolons, or with decimal points."
        )
    if not there or at >= len(lines):
        return Layout(at, None, 0, at, width, doubtful=True)
    header = _fitted(lines, at, width)
    return Layout(at, header, units, at + 1 + units, width, doubtful=_is_row(header, columns))


def names_of(header: Cells | None, width: int, empty: Sequence[bool]) -> tuple[list[str], list[str], list[str]]:
    """A name for each column, each another; those that had none; those that were there twice.

    Args:
        empty: of each column, whether it holds nothing; nobody asks for the name of such a one.
    """
    if header is None:
        kept = [place for place in range(width) if not empty[place]]
        if len(kept) == 2:
            names = {kept[0]: "x", kept[1]: "y"}
            return [names.get(place, f"column {place + 1}") for place in range(width)], [], []
        return [f"column {place + 1}" for place in range(width)], [], []
    given = set(header)
    names_, nameless, twice = [], [], []
    taken: set[str] = set()
    for place, name in enumerate(header):
        unique = name or f"column {place + 1}"
        count = 2
        while unique in taken or (unique != name and unique in given):
            unique, count = f"{name or f'column {place + 1}'} ({count})", count + 1
        if not empty[place]:
            if not name:
                nameless.append(unique)
            elif unique != name:
                twice.append(unique)
        taken.add(unique)
        names_.append(unique)
    return names_, nameless, twice


def _width(lines: Sequence[Cells]) -> int:
    """How many cells a row has: as many as most lines have, of which the last ones are rows for certain."""
    widths = Counter(len(cells) for cells in lines[len(lines) // 2 :])
    most = max(widths.values())
    return max(width for width, times in widths.items() if times == most)


def _columns_of_values(lines: Sequence[Cells], width: int) -> list[int]:
    """The places of those cells that hold numbers or dates in most of the lower lines."""
    whole = [cells for cells in lines if len(cells) == width]
    below = whole[len(whole) // 2 :]
    return [
        place
        for place in range(width)
        if (filled := [cells[place] for cells in below if not is_missing(cells[place])])
        and 5 * sum(map(is_like_a_value, filled)) >= 3 * len(filled)
    ]


def _is_row(cells: Cells, columns: Sequence[int]) -> bool:
    """Whether there are numbers, or nothing, in all of these columns."""
    values = [cells[place] for place in columns]
    like = [is_like_a_value(value) for value in values]
    return any(like) and all(one or is_missing(value) for one, value in zip(like, values, strict=True))


def _first_row(lines: Sequence[Cells], width: int, columns: Sequence[int]) -> int:
    """The first line that holds numbers where the lower lines do; the second if there are no numbers."""
    for index, cells in enumerate(lines):
        if len(cells) == width and not _COMMENT.match(cells[0]) and _is_row(cells, columns):
            return index
    # No row is of numbers throughout: the one where most of them are, if there are any.
    for index, cells in enumerate(lines):
        if len(cells) == width and 2 * sum(is_like_a_value(cells[place]) for place in columns) > len(columns) > 0:
            return index
    first = next((index for index, cells in enumerate(lines) if len(cells) == width), 0)
    return first + 1


def _with_empty_rows(lines: Sequence[Cells], start: int, width: int, columns: Sequence[int]) -> int:
    """The first row, where rows without any number stand above the first that has one."""
    above = start
    while above > 0 and len(lines[above - 1]) == width and all(is_missing(lines[above - 1][one]) for one in columns):
        above -= 1
    said = any(line[place] for line in lines[above:start] for place in columns)
    named = above > 0 and len(lines[above - 1]) == width and all(lines[above - 1][place] for place in columns)
    return above if said or named else start


def _header_above(lines: Sequence[Cells], start: int, width: int) -> tuple[int | None, int]:
    """The line above the first row that names its columns, if there is one, and how many rows of units are between."""
    at, units = start - 1, 0
    while at >= 0 and _is_units(lines[at], width) and _may_name(lines, at - 1, width, start):
        at, units = at - 1, units + 1
    if not _may_name(lines, at, width, start):
        return None, 0
    # Units above the names: then these are the header.
    return at, units


def _may_name(lines: Sequence[Cells], at: int, width: int, start: int) -> bool:
    if at < 0:
        return False
    cells = _without_mark(lines[at], width)
    if _COMMENT.match(lines[at][0]) and len(cells) != width:
        return False
    if sum(map(bool, cells)) < (1 if at == start - 1 and len(cells) == width else 2):  # a title, else
        return False
    return len(cells) == width or _fits(cells, lines, start, width)


def _fits(cells: Cells, lines: Sequence[Cells], start: int, width: int) -> bool:
    """Whether a line of another length may be the header: R's has no name for its rows; separators may end lines."""
    if len(cells) > width:
        return not any(cells[width:])
    rows = [line for line in lines[start:] if len(line) == width]
    if not any(row[place] for row in rows for place in range(len(cells), width)):
        return True
    return len(cells) == width - 1 and _names_rows([row[0] for row in rows])


def _names_rows(cells: Sequence[str]) -> bool:
    """Whether a first column only says which row it is, as R writes it: by numbers from 1 on, or by words."""
    return len(set(cells)) == len(cells) and (
        list(cells) == [str(number + 1) for number in range(len(cells))] or not any(map(is_like_a_value, cells))
    )


def _fitted(lines: Sequence[Cells], at: int, width: int) -> Cells:
    cells = _without_mark(lines[at], width)
    rows = [line for line in lines[at + 1 :] if len(line) == width]
    if len(cells) == width - 1 and rows and any(line[-1] for line in rows):
        return ("", *cells)
    return _padded(cells, width)


def _names_fewer(lines: Sequence[Cells], at: int, width: int) -> bool:
    """Whether it may be that each number was cut in two: whole numbers alone, and about half as many names above."""
    names = lines[at - 1] if at else ()
    return (
        2 <= len(names) < width <= 2 * len(names)
        and all(names)
        and not any(map(is_like_a_value, names))
        and not _COMMENT.match(names[0])
        and all(re.fullmatch(r"[-+]?[0-9]+", cell) for cells in lines[at:] for cell in cells)
    )


def _padded(cells: Cells, width: int) -> Cells:
    return (*cells, *[""] * (width - len(cells)))[:width]


def _without_mark(cells: Cells, width: int) -> Cells:
    """The cells without the sign of a comment, behind which some programs write the header."""
    if not _COMMENT.match(cells[0]):
        return cells
    first = _COMMENT.sub("", cells[0], count=1)
    if first:
        return (first, *cells[1:])
    return cells if len(cells) == width else cells[1:]  # as the name of a column, # is no comment


def _is_units(cells: Cells, width: int) -> bool:
    filled = [cell for cell in cells if cell]
    return len(cells) <= width and bool(filled) and all(_UNIT.fullmatch(cell) for cell in filled)


def _is_header(lines: Sequence[Cells], at: int, width: int) -> bool:
    """Whether a line that looks like a row is a header all the same: its numbers are names, as years or counts are."""
    if at >= len(lines):
        return False
    cells = lines[at]
    rows = [line for line in lines[at + 1 :] if len(line) == width]
    if len(rows) < 2:
        return False
    numbers = [place for place in range(width) if is_like_a_value(cells[place])]
    if any(not cells[place] and all(row[place] for row in rows) for place in range(width) if place not in numbers):
        return len(numbers) == width - 1 or _are_names([cells[place] for place in numbers], rows, numbers)
    words = [place for place in range(width) if place not in numbers and cells[place]]
    if any(cells[place] in {row[place] for row in rows} for place in words):
        return False
    return _are_names([cells[place] for place in numbers], rows, numbers)


def _are_names(cells: Sequence[str], rows: Sequence[Cells], places: Sequence[int]) -> bool:
    """Whether these are years, or counts from 0 or 1, one after the other, that stand above other things."""
    if len(cells) < 2 or not all(re.fullmatch(r"[0-9]{1,4}", cell) for cell in cells):
        return False
    numbers = [int(cell) for cell in cells]
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    years = all(1500 <= number <= 2200 for number in numbers) and min(steps) > 0
    counts = numbers[0] in (0, 1) and steps == {1}
    below = [row[place] for row in rows for place in places if not is_missing(row[place])]
    if years:
        return sum(bool(re.fullmatch(r"1[5-9][0-9]{2}|2[012][0-9]{2}", cell)) for cell in below) * 2 < len(below)
    return counts and any(not re.fullmatch(r"[0-9]+", cell) for cell in below)
