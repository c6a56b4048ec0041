"""A table as it was understood: its first rows, all its columns, and why some of them cannot be used."""

from __future__ import annotations

from html import escape
from weakref import WeakKeyDictionary

from core import Table

__all__ = ["STYLE", "preview"]

MOST_COLUMNS = 60

_heads: WeakKeyDictionary[Table, list[list[str]]] = WeakKeyDictionary()

STYLE = """
.table-preview {overflow-x: auto; max-width: 100%; font-size: 0.8rem; margin-block: 0.25rem}
.table-preview table {border-collapse: collapse}
.table-preview :is(th, td) {
  padding: 0.15rem 0.55rem; text-align: right; white-space: nowrap; border-bottom: 1px solid rgb(128 128 128 / 35%);
}
.table-preview th {vertical-align: bottom; max-width: 12rem; overflow: hidden; text-overflow: ellipsis}
.table-preview .chosen {font-weight: 700; background: rgb(128 128 128 / 14%)}
.table-preview .unusable {opacity: 0.72; font-style: italic; text-align: left}
.table-preview small {display: block; font-weight: 400; white-space: normal}
"""


def preview(table: Table, x: str, y: str) -> str:
    """As HTML, in which nothing that a user wrote is markup."""
    columns = list(table.columns.values())[:MOST_COLUMNS]
    heads, classes = [], []
    for column in columns:
        role = {x: "x", y: "y"}.get(column.name)
        kind = "chosen" if role else "" if column.usable else "unusable"
        note = role or column.reason
        small = f"<small>{escape(note)}</small>" if note else ""
        heads.append(f'<th scope="col" class="{kind}" title="{escape(column.name)}">{escape(column.name)}{small}</th>')
        classes.append(kind)
    rows = [
        "<tr>"
        + "".join(f'<td class="{kind}">{escape(cell)}</td>' for kind, cell in zip(classes, row, strict=False))
        + "</tr>"
        for row in _head(table)
    ]
    body = f"<table><thead><tr>{''.join(heads)}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    more = len(table.columns) - len(columns)
    rest = f"<p>… and {more} more columns.</p>" if more else ""
    label = "First rows of the table, as they are understood"
    return f'<div class="table-preview" role="region" tabindex="0" aria-label="{label}">{body}{rest}</div>'


def _head(table: Table) -> list[list[str]]:
    """Its first rows, of which every rerun asks for the same."""
    if table not in _heads:
        _heads[table] = table.head(columns=MOST_COLUMNS)
    return _heads[table]
