"""Links within the lab: to its pages, and to one of several things that a page shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode

from core.parameters import shorten

__all__ = ["page_script", "query_of", "read_choice", "written"]


def page_script(name: str) -> str:
    """The file that Streamlit runs for the page, which stands in the folder of that name. Absolute: a host may start
    the lab from a script elsewhere."""
    return str(Path(__file__).parents[1] / name / f"{name}.py")


def written(query: Mapping[str, Sequence[str]]) -> str:
    """The query of an address, with its question mark, as short and readable as it can be."""
    return f"?{urlencode(query, doseq=True, quote_via=quote, safe=':,')}"


def query_of(link: str) -> dict[str, list[str]]:
    """The parameters of a link that is written so, which begins with its question mark."""
    return parse_qs(link.removeprefix("?"), keep_blank_values=True)


def read_choice(name: str, asked: list[str], options: Iterable[str], default: str, instead: str) -> tuple[str, str]:
    """The option that a link's parameter `name` asks for; or the default, and a sentence that says why.

    Args:
        asked: the values that the link gives to the parameter.
        instead: a sentence that says what is shown for a value that cannot be taken.
    """
    known = tuple(options)
    if not asked:
        return default, ""
    if len(asked) > 1:
        return default, f"{name} must be given once, but was given {len(asked)} times. {instead}"
    if asked[0] not in known:
        return default, f"There is no {name} {shorten(asked[0])}; there are {', '.join(known)}. {instead}"
    return asked[0], ""
