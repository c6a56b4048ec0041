"""The picture of memory: a table for each storage, a row for each name that sees it, element above element."""

from __future__ import annotations

from html import escape

from core.course import Memory
from core.course.memory import Element

__all__ = ["draw_memory"]


def draw_memory(memory: Memory) -> str:
    """The picture as HTML; its look is in `static/course/course.css`."""
    tables = "".join(_storage(memory, number) for number in range(len(memory.storages)))
    # On a phone it scrolls sideways, which the keyboard can do only where it has the focus.
    return f'<div class="memory" role="group" aria-label="Memory" tabindex="0">{tables}</div>'


def _storage(memory: Memory, number: int) -> str:
    storage, names = memory.storages[number], memory.sharing(number)
    told = " and ".join(name.name for name in names) if len(names) < 3 else ", ".join(name.name for name in names)
    title = f"{told} share this memory" if len(names) > 1 else f"{told} alone has this memory"
    where = "" if storage.device == "cpu" else f" on {escape(storage.device)}"
    cells = "".join(
        f'<td class="value{" written" if written else ""}">'
        + (f"<s>{_number(former)}</s> " if written else "")
        + f"{_number(value)}</td>"
        for value, former, written in zip(storage.values, storage.former, storage.written, strict=True)
    )
    more = storage.count - len(storage.values)
    rest = f'<td class="more" rowspan="{len(names) + 1}">… {more} more</td>' if more else ""
    rows = "".join(
        f'<tr><th scope="row"><b>{escape(name.name)}</b> <small>{name.kind} {escape(name.dtype)}, '
        f"{_shape(name.shape)}, strides {_shape(name.strides)}</small></th>"
        + "".join(f'<td class="{"seen" if place else ""}">{escape(place)}</td>' for place in name.places)
        + "</tr>"
        for name in names
    )
    return (
        f'<table class="{"shared" if len(names) > 1 else "own"}"><caption>{escape(title)}</caption>'
        f'<tr><th scope="row">memory{where} <small>{storage.count} × {storage.item_bytes} bytes</small></th>'
        f"{cells}{rest}</tr>{rows}</table>"
    )


def _number(value: Element) -> str:
    """At most four digits; a dot where no name looks."""
    return "·" if value is None else f"{value:.4g}"


def _shape(numbers: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, numbers))}{',' if len(numbers) == 1 else ''})"
