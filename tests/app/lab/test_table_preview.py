"""The first rows of a table as it was understood, as HTML in which nothing that a user wrote is markup."""

from __future__ import annotations

from html.parser import HTMLParser

from core import read_table
from dashboard.lab.table_preview import MOST_COLUMNS, preview


class Cells(HTMLParser):
    """The tags with their classes, and the text of every cell."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag in ("th", "td"):
            self.cells.append((tag, dict(attributes).get("class") or "", ""))

    def handle_data(self, text):
        if self.cells:
            tag, kind, before = self.cells[-1]
            self.cells[-1] = (tag, kind, f"{before} {text}".strip())


MIXED = "id,height,weight,kind\n" + "".join(f"{i},1.{i},60.{i},cat\n" for i in range(1, 10))


def test_first_rows_stand_under_their_names_with_x_and_y_marked_and_words_greyed():
    found = Cells(preview(read_table(MIXED.encode(), "own.csv"), "height", "weight"))
    heads = [(kind, text) for tag, kind, text in found.cells if tag == "th"]
    assert heads[1:3] == [("chosen", "height x"), ("chosen", "weight y")]
    assert heads[0] == ("", "id only counts rows")
    assert heads[3][0] == "unusable"
    assert heads[3][1].startswith("kind holds")
    rows = [text for tag, _, text in found.cells if tag == "td"]
    assert rows[:4] == ["1", "1.1", "60.1", "cat"]
    assert len(rows) == 5 * 4


def test_nothing_that_a_file_says_becomes_markup():
    name, cell = "<img src=x onerror=alert(1)>", "<script>alert(2)</script>"
    rows = "".join(f"{i},{2 * i},{cell}\n" for i in range(9))
    found = Cells(preview(read_table(f'{name},b & c,"t"\n{rows}'.encode(), "own.csv"), name, "b & c"))
    assert {"img", "script"}.isdisjoint(found.tags)
    texts = [text for _, _, text in found.cells]
    assert f"{name} x" in texts
    assert "b & c y" in texts
    assert cell in texts


def test_of_very_many_columns_the_first_are_shown_and_the_others_counted():
    names = [f"c{i}" for i in range(200)]
    rows = "\n".join(",".join(str(i * j % 7) for j in range(200)) for i in range(9))
    html = preview(read_table(f"{','.join(names)}\n{rows}".encode(), "own.csv"), "c1", "c2")
    assert sum(tag == "th" for tag, _, _ in Cells(html).cells) == MOST_COLUMNS
    assert f"{200 - MOST_COLUMNS} more columns" in html


def test_cells_are_read_once_however_often_they_are_shown_and_no_more_than_are_shown(monkeypatch):
    names = ",".join(f"c{i}" for i in range(200))
    table = read_table(f"{names}\n{'1,' * 199}1\n{'2,' * 199}2\n".encode(), "own.csv")
    seen = []
    monkeypatch.setattr("core.data.tables.shown", lambda text, reading: seen.append(reading.name) or text.to_pylist())
    assert preview(table, "c1", "c2") == preview(table, "c1", "c2")
    assert seen == [f"c{i}" for i in range(MOST_COLUMNS)]
