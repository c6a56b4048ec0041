"""What separates the columns of a text, and how its cells are quoted."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

from core.data.reading.likeness import is_like_a_value

__all__ = ["Dialect", "Line", "lines_of"]

_MOST_CHARACTERS = 10_000
"""That many are enough to tell a dialect, and more of them take the detector tenths of a second."""


@dataclass(frozen=True)
class Line:
    """A line of the table, which a quoted line end makes several of the file."""

    cells: tuple[str, ...]
    start: int
    """Where it starts in the text, in bytes of UTF-8."""


@dataclass(frozen=True)
class Dialect:
    """How lines are divided into cells."""

    separator: str
    """One of `SEPARATORS`; two blanks for columns that two or more of them separate."""
    quote: str = '"'
    spaced: bool = False
    """Whether blanks stand between separators and quotes."""

    @property
    def delimiter(self) -> str:
        """The one sign that separates the cells of `plain` text."""
        return "\t" if self.separator == "  " else self.separator

    @staticmethod
    def of(sample: str, separator: str = "") -> Dialect:
        """The dialect of a text that starts like this; its separator is found out if none is given."""
        given = bool(separator)
        lines = [line for line in sample.splitlines() if line.strip() and not re.match(r"\s*(#|%|//)", line)]
        text = "\n".join(lines)
        if len(text) > _MOST_CHARACTERS:
            text = text[:_MOST_CHARACTERS].rpartition("\n")[0] or text[:_MOST_CHARACTERS]
        from clevercsv import Sniffer  # a seventh of a second, for those who bring a table
        from clevercsv.exceptions import Error

        try:
            found = Sniffer().sniff(f"{text}\n", delimiters=separator[:1] or ",;\t |")
        except Error:
            found = None
        quote = (found.quotechar if found else "") or '"'
        separator = separator or (found.delimiter if found else "") or ""
        if not separator or _width(text, separator) < 2:
            separator = max(";\t,| ", key=lambda one: _width(text, one))
        if not given and separator == " " and _agree(text, "  ") and not _agree(text, " "):
            separator = "  "  # words of one column stand apart, columns further apart
        if not given and separator == "\t" and _agree(text, " ") and _holds_rows(text):
            separator = " "
        cells = (cell for row in csv.reader(lines, delimiter=separator[0], quotechar=quote) for cell in row)
        return Dialect(separator, quote, spaced=any(re.match(f" +{quote}", cell) for cell in cells))

    def plain(self, text: bytes) -> bytes:
        """The same whole lines, with one blank for several, and quotes right at the separators."""
        if self.separator in (" ", "  "):
            if self.separator == " ":
                text = text.replace(b"\t", b" ")
                while b"  " in text:
                    text = text.replace(b"  ", b" ")
            else:
                text = re.sub(rb" {2,}", b"\t", text.replace(b"\n ", b"\n").strip(b" "))
            for end in (b"\n", b"\r"):
                text = text.replace(end + b" ", end).replace(b" " + end, end)
            return text.strip(b" ")
        if self.spaced:
            quote, separator = re.escape(self.quote.encode()), re.escape(self.separator.encode())
            text = re.sub(rb"(^|[%b\r]) +(?=%b)" % (separator, quote), rb"\1", text, flags=re.MULTILINE)
        return text


def lines_of(sample: str, dialect: Dialect) -> list[Line]:
    """The lines that hold something, cell by cell without blanks around them."""
    texts = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", sample)
    starts = [0]
    for text in texts:
        starts.append(starts[-1] + len(text.encode()))
    plain = (dialect.plain(text.encode()).decode() for text in texts)
    reader = csv.reader(plain, delimiter=dialect.delimiter, quotechar=dialect.quote)
    found, before = [], 0
    for cells in reader:
        stripped = tuple(cell.strip() for cell in cells)
        if any(stripped):
            found.append(Line(stripped, starts[before]))
        before = reader.line_num
    return found


def _agree(text: str, separator: str) -> bool:
    """Whether all lines have the same number of cells, and more than one."""
    widths = {len(line.cells) for line in lines_of(text, Dialect(separator))}
    return len(widths) == 1 and widths != {1}


def _holds_rows(text: str) -> bool:
    """Whether between tabs there are several numbers with blanks between them: a tab is one more blank, then."""
    return any(
        sum(map(is_like_a_value, cell.split())) > 2 for line in lines_of(text, Dialect("\t")) for cell in line.cells
    )


def _width(text: str, separator: str) -> int:
    """How many cells most of the lines have, if they are many that agree; else 1."""
    widths = Counter(len(line.cells) for line in lines_of(text, Dialect(separator)))
    width, times = widths.most_common(1)[0] if widths else (1, 0)
    return width if 2 * times > widths.total() else 1
