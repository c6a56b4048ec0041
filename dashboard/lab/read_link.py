"""What a link says: the fields of the base, its variants, and how they are shown. It knows nothing of who opens it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core import Experiment
from core.comparison import MOST_VARIANTS, read_change
from core.parameters import shorten
from core.training.devices import require_device
from core.training.sweep import Span, read_sweep
from dashboard.lab.asked import asked_of, base_of, variant_of
from dashboard.lab.comparing import Comparing
from dashboard.lab.fields import DATA_FIELDS, LINE, default_fields, sentence_of
from dashboard.lab.points import table_points
from dashboard.shared.links import read_choice
from dashboard.stage.arrangement import CHOICES
from dashboard.stage.camera import Camera, read_camera
from dashboard.stage.panels import PANELS, Panels, read_panels, read_projected

__all__ = ["OTHERS", "ReadLink", "read_link"]

COMPARING = ("versus", "front", "keep", *CHOICES, "camera", "show", "projector", "sweep")
"""What a link says of several runs beside one another."""

OTHERS = (*DATA_FIELDS, *COMPARING)
"""The parameters of a link that are no fields of an experiment."""


@dataclass(frozen=True)
class ReadLink:
    """What was understood of a link."""

    fields: dict[str, Any]
    """Those of the base, of its data too."""
    comparing: Comparing
    problems: list[str]
    """A sentence for whatever could not be taken, with what is there instead."""


def read_link(query: Mapping[str, list[str]]) -> ReadLink:
    """Understand the parameters of a link, by name; those that mean nothing to the lab are left to others."""
    experiment, problems = Experiment.from_query({k: v for k, v in query.items() if k not in OTHERS})
    fields = default_fields() | experiment.to_dict()
    try:
        require_device(experiment.device)
    except ValueError as error:
        problems.append(f"{sentence_of(error)} Using cpu instead.")
        fields["device"] = "cpu"
    problems += _read_data_fields(query, fields)
    no_table = query.get("data", [LINE]) != [LINE] and fields["data"] == LINE
    if no_table:  # what was moved are points of a table that is not there
        fields["moved"] = ()
    problems += _read_hand(fields)
    state, more = _read_comparing(query, fields)
    if no_table:
        kept = ({name: value for name, value in change.items() if name != "moved"} for change in state.changes)
        state.changes = [change for change in kept if change]
        state.front = min(state.front, len(state.changes))
    return ReadLink(fields, state, [*problems, *more])


def _read_data_fields(query: Mapping[str, list[str]], fields: dict[str, Any]) -> list[str]:
    repeated = [name for name in DATA_FIELDS if len(query.get(name, ())) > 1]
    if repeated:
        return [
            f"{repeated[0]} must be given once, but was given {len(query[repeated[0]])} times. Using a line instead."
        ]
    data, x, y, reading = ((query.get(name) or [None])[0] for name in DATA_FIELDS)
    if data is None or data == LINE:
        if x or y:
            return ["x and y name columns of a table: give the table as data. Using a line instead."]
        if reading:
            return ["reading says how a table is read: give the table as data. Using a line instead."]
        return []
    try:
        points = table_points(data, x, y, replace(base_of(fields), moved=()), reading or "")
    except ValueError as error:
        return [f"{sentence_of(error)} Using a line instead."]
    if points is None:
        return [
            f"The data {shorten(data)} is not on this server: choose its CSV file again under More. "
            "Using a line instead."
        ]
    fields.update(data=data, x=points.x, y=points.y, reading=points.reading or None)
    return []


def _read_hand(fields: dict[str, Any]) -> list[str]:
    """Points and a start that were put somewhere by hand, where they mean nothing for these data."""
    problems = []
    drawn = {"start_b": None, "start_w": None}
    for tried, otherwise, words in ((fields | drawn, {"moved": ()}, "none"), (fields, drawn, "drawn")):
        try:
            asked_of(base_of(tried), tried)
        except ValueError as error:
            fields.update(otherwise)
            problems.append(f"{sentence_of(error)} Using {words} instead.")
    return problems


def _read_comparing(query: Mapping[str, list[str]], fields: dict[str, Any]) -> tuple[Comparing, list[str]]:
    """The variants that the link describes, and how they are shown. What cannot be taken is left out, and said."""
    state, problems = Comparing(), []
    base = base_of(fields)
    found = [base]
    texts = query.get("versus", [])
    if len(texts) > MOST_VARIANTS:
        problems.append(
            f"There is room for {MOST_VARIANTS} variants, but the link has {len(texts)}: the first are shown."
        )
    for text in texts[:MOST_VARIANTS]:
        try:
            change = read_change(text)
            variant = variant_of(base, change, fields)
            if variant in found:
                raise ValueError(
                    f"The variant {shorten(text)} is equal to {'the base' if variant == base else 'another'}."
                )
        except ValueError as error:
            problems.append(f"{sentence_of(error)} Leaving this variant out.")
        else:
            found.append(variant)
            state.changes.append(change)
    choices = {"front": tuple(map(str, range(len(found)))), "keep": ("0", "1"), **CHOICES}
    chosen = {}
    for name, options in choices.items():
        chosen[name], problem = read_choice(
            name, query.get(name, []), options, options[0], f"Using {options[0]} instead."
        )
        problems += [problem] if problem else []
    state.front, state.keep = int(chosen["front"]), chosen["keep"] == "1" and len(state.changes) < MOST_VARIANTS
    for name in CHOICES:
        setattr(state, name, chosen[name])
    state.sweep, no_sweep = _read_sweep(query.get("sweep", []))
    state.camera, no_camera = _read_camera(query.get("camera", []))
    state.show, no_panels = _read_show(query.get("show", []))
    state.projector, not_projected = _read_projector(query.get("projector", []))
    return state, [*problems, *no_sweep, *no_camera, *no_panels, *not_projected]


def _read_sweep(texts: list[str]) -> tuple[Span | None, list[str]]:
    if not texts:
        return None, []
    if len(texts) > 1:
        return None, [f"sweep must be given once, but was given {len(texts)} times. Showing no sweep."]
    try:
        return read_sweep(texts[0]), []
    except ValueError as error:
        return None, [f"{sentence_of(error)} Showing no sweep."]


def _read_camera(texts: list[str]) -> tuple[Camera | None, list[str]]:
    if len(texts) > 1:
        return None, [f"camera must be given once, but was given {len(texts)} times. Looking as at first."]
    try:
        return read_camera(texts[0]) if texts else None, []
    except ValueError as error:
        return None, [f"{sentence_of(error)} Looking as at first."]


def _read_show(texts: list[str]) -> tuple[Panels, list[str]]:
    if len(texts) > 1:
        return PANELS, [f"show must be given once, but was given {len(texts)} times. Showing all."]
    shown, problem = read_panels(texts[0]) if texts else (PANELS, "")
    return shown, [problem] if problem else []


def _read_projector(texts: list[str]) -> tuple[Panels, list[str]]:
    if len(texts) > 1:
        return (), [f"projector must be given once, but was given {len(texts)} times. Showing the page."]
    shown, problem = read_projected(texts[0]) if texts else ((), "")
    return shown, [problem] if problem else []
