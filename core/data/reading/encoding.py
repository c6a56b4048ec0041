"""What a file's bytes mean as text: Unicode with or without a mark, or a code page of before."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["CODECS", "PIECE", "Text"]

PIECE = 1 << 20

_PAGES = {
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp1257": "Windows-1257",
    "cp932": "Shift JIS",
    "gb18030": "GB 18030",
    "mac_roman": "Mac Roman",
}
"""Code pages that tables are met in, and what people call them. Among all that there are, a detector would guess: a
table holds a few words at most."""

_UNICODE = ("utf-8", "utf-16-le", "utf-16-be")
CODECS = (*_UNICODE, *_PAGES)

_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


@dataclass(frozen=True)
class Text:
    """A file's contents as text, which is never there as a whole: it is several times as large as its bytes."""

    contents: bytes
    encoding: str
    """One of `CODECS`."""

    @property
    def page(self) -> str:
        """What people call the code page; empty for Unicode."""
        return _PAGES.get(self.encoding, "")

    @property
    def is_utf8(self) -> bool:
        return self.encoding == "utf-8"

    @property
    def mark(self) -> int:
        """How many bytes the mark takes that says how the text is encoded."""
        return next((len(mark) for mark in _MARKS if self.contents.startswith(mark)), 0)

    @staticmethod
    def of(contents: bytes, encoding: str = "") -> Text:
        """The text in this encoding, or in the one that fits.

        Raises:
            ValueError: if it is no text.
        """
        text = Text(contents, encoding or _encoding_of(contents))
        try:
            start = next(text.pieces(), b"").decode()
        except UnicodeError:
            raise ValueError("no text") from None
        if re.search(r"[\x00-\x08\x0e-\x19\x1b]", start):
            raise ValueError("no text")
        return text

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        """The text from its byte `start` on, in UTF-8 without a mark, a megabyte or so at a time."""
        if self.is_utf8:
            for place in range(self.mark + start, len(self.contents), PIECE):
                yield self.contents[place : place + PIECE]
            return
        # A byte that a code page does not know is none of a number.
        decoder = codecs.getincrementaldecoder(self.encoding)("replace" if self.page else "strict")
        for place in range(self.mark, len(self.contents), PIECE):
            last = place + PIECE >= len(self.contents)
            piece = decoder.decode(self.contents[place : place + PIECE], last).encode()
            if piece[start:]:
                yield piece[start:]
            start = max(0, start - len(piece))


def _encoding_of(contents: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if contents.startswith(mark):
            return encoding
    start = contents[:PIECE]
    if b"\0" in start:
        return _utf16_of(start)
    if _is_utf8(contents):
        return "utf-8"
    import chardet  # only a few files need it

    # Digits say nothing about the code page, and there are many of them.
    words = b"\n".join(line for line in re.split(rb"[\r\n]+", start) if not line.isascii())
    if not words:  # further down, then
        words = b"\n".join(re.findall(rb"[^\r\n]*[\x80-\xff]+[^\r\n]*", contents)[:100])
    found = chardet.detect(words[:10_000], include_encodings=list(_PAGES))["encoding"] or "cp1252"
    name = codecs.lookup(found).name.replace("-", "_")
    return name if name in _PAGES else "cp1252"


def _utf16_of(start: bytes) -> str:
    """Of text without a mark: in a table most characters are ASCII, and have a zero for their other half."""
    first, second = start[::2].count(0), start[1::2].count(0)
    if 2 * max(first, second) < len(start) // 2 or 10 * min(first, second) > max(first, second):
        raise ValueError("no text")
    return "utf-16-le" if second > first else "utf-16-be"


def _is_utf8(contents: bytes) -> bool:
    if contents.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for place in range(0, len(contents), PIECE):
            decoder.decode(contents[place : place + PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
