"""What a single cell looks like, to tell rows from headers: the columns themselves are read elsewhere."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["CURRENCY", "MISSING", "MONTH", "is_like_a_value", "is_missing"]

_MISSING_WORDS = ("NA", "N/A", "n.a.", "NaN", "NaT", "null", "None", "nil", "missing")
_MISSING_SIGNS = ("", "-", "--", "–", "—", "−", ".", "..", "...", "…", "?", ":", "*", "\\N", "<NA>")
_ERRORS_OF_EXCEL = ("#N/A", "#NA", "#VALUE!", "#DIV/0!", "#REF!", "#NUM!", "#NAME?", "#NULL!")
MISSING = frozenset(
    [*_MISSING_SIGNS, *_ERRORS_OF_EXCEL]
    + [spelt for word in _MISSING_WORDS for spelt in (word, word.lower(), word.upper(), word.capitalize())]
)
"""How people and programs write that a value is missing."""

CURRENCY = (
    r"(?:[A-Z]{0,3}\$|[€£¥₹₽₩₺₴₫฿₪₱]|US\$|USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|"
    r"RUB|TRY|ZAR|KRW|SGD|HKD|Rs\.?|kr\.?|zł|Kč|Ft|Fr\.?|лв|руб\.?)"
)

MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"

_NUMBER = re.compile(
    rf"\(?[-+]?\s*(?:{CURRENCY})?\s*[-+]?(?:[0-9][0-9.,' ]*|[.,][0-9]+)(?:[eEdD][-+]?[0-9]+)?\s*-?"
    rf"\s*(?:{CURRENCY}|[^\W\d_°%‰]{{0,5}}[23]?|[°%‰µ][^\d\s]{{0,5}})\)?"
)
_DATE = re.compile(
    rf"(?:[0-9]{{4}}[-/.][0-9]{{1,2}}(?:[-/.][0-9]{{1,2}})?|[0-9]{{1,2}}([-/.])[0-9]{{1,2}}\1(?:[0-9]{{4}}|[0-9]{{2}})"
    rf"|[0-9]{{1,2}}[-/. ]+{MONTH}[-/. ,]+[0-9]{{2,4}}|{MONTH}(?:[ -]+[0-9]{{1,2}},?)?[ -]+[0-9]{{2,4}})"
    r"(?:[T ,]+[0-9]{1,2}[:.][0-9]{2}.{0,20})?|[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2}(?:[.,][0-9]+)?)?",
    re.IGNORECASE,
)


def is_missing(cell: str) -> bool:
    return cell in MISSING


def is_like_a_value(cell: str) -> bool:
    """Whether it may be a number or a date, however written."""
    if not any(character.isdigit() for character in cell) or len(cell) > 60:
        return False
    cell = cell.removeprefix('="').removesuffix('"')
    plain = unicodedata.normalize("NFKC", cell).replace("−", "-").replace("–", "-").replace("’", "'")
    return bool(_NUMBER.fullmatch(plain) or _DATE.fullmatch(plain))
