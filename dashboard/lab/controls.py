"""The controls of a run: widgets in the sidebar, the experiment they describe, and the link that carries it.

The values live in one place, `st.session_state["fields"]`. The link sets them when it is opened (or the browser
goes back); a widget sets the one it is for; and after every change the link is written anew.

The browser may lag behind: with a change it sends the link and the widgets as it knows them, which may be older
than what the last rerun made of them. So a widget is never told another value: where its field was set elsewhere,
it is made anew under another key. And a rerun that a widget asked for follows no link.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import floor, log10
from typing import Any

import streamlit as st

from core import Dataset, Experiment, InvalidCombination, Landscape, find_devices
from core.experiment import METHODS, OPTIMIZERS, PARAMETERS
from core.parameters import Real, Whole, shorten
from core.training.devices import require_device
from dashboard.lab.server import find_table, shared_uploads, synthetic_dataset, table_dataset
from dashboard.lab.take_away import offer
from dashboard.shared.reruns import asked_by_widget, widget_asked
from dashboard.stage.watching import Request

__all__ = ["current_link", "sidebar", "verbatim"]

DATA_FIELDS = ("data", "x", "y")
SYNTHETIC_FIELDS = ("n", "noise", "true_b", "true_w")
LINE = "line"

METHOD_NAMES = {
    "numpy": "NumPy, gradients by hand",
    "autograd": "PyTorch autograd",
    "optimizer": "… with an optimizer",
    "loss_fn": "… and nn.MSELoss",
    "module": "… as an nn.Module",
}
OPTIMIZER_NAMES = {"sgd": "SGD", "momentum": "SGD with momentum 0.9", "rmsprop": "RMSprop", "adam": "Adam"}
DATA_NAMES = {LINE: "Noisy line", "iris": "Irises (petals and sepals)"}


def sidebar() -> Request:
    """Draw the controls and read them."""
    opened = _follow_link()
    fields: dict[str, Any] = st.session_state["fields"]
    with st.sidebar:
        own_data = fields["data"] != LINE
        _logarithmic("n", "N", _ladder(10, 1_000_000, (1, 1.5, 2, 3, 5, 7)), disabled=own_data)
        _slider_and_number("noise", "Noise", [step / 20 for step in range(41)], 0.05, own_data)
        _logarithmic("learning_rate", "Learning rate", _ladder(1e-4, 10, (1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8)))
        limits = st.empty()
        _logarithmic("epochs", "Epochs", _ladder(1, 100_000, (1, 1.5, 2, 3, 5, 7)))
        _device()
        train, more = st.columns(2)
        train_pressed = train.button("Train", type="primary", width="stretch", on_click=widget_asked)
        with more.popover("More", width="stretch"):
            _more(fields)
        away = st.empty()
    experiment, dataset, problems = _read(fields)
    if experiment and dataset:
        with away:
            offer(experiment, None if fields["data"] == LINE else dataset)
        limits.caption(_limits(experiment, dataset))
        if opened or train_pressed or _differs_from_start(fields):
            _write_link(experiment, fields)
    return Request(experiment, dataset, tuple(problems), train_pressed, opened)


def current_link() -> dict[str, list[str]]:
    """The parameters of a link to what the controls say; none before the first change."""
    link: dict[str, list[str]] = st.session_state.get("link", {})
    return link


def verbatim(text: str) -> str:
    """`text` as Markdown that shows it as it is: what a link or a file says must not become links or formulas."""
    unlinked = re.sub(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", "\u2060", text)
    return re.sub(r"([\\`*\[\]<>$~])", r"\\\1", unlinked)


# --- the link ---------------------------------------------------------------------------------------------


def _follow_link() -> bool:
    """Take over the link's values if it is not the one that was written last. True if it describes an experiment."""
    query, ours = _read_link()
    by_widget = asked_by_widget()
    if "fields" in st.session_state and (by_widget or ours == st.session_state["link"]):
        return False
    experiment, problems = Experiment.from_query({k: v for k, v in query.items() if k not in DATA_FIELDS})
    fields: dict[str, Any] = experiment.to_dict() | {"data": LINE, "x": None, "y": None}
    try:
        require_device(experiment.device)
    except ValueError as error:
        problems.append(f"{_sentence(error)} Using cpu instead.")
        fields["device"] = "cpu"
    problems += _read_data_fields(query, fields)
    st.session_state["fields"] = fields
    _renew(*fields)
    st.session_state["link"] = ours
    st.session_state["link_problems"] = problems
    return bool(ours)


def _read_link() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """All parameters of the link as the browser knows it, and those of them that are ours."""
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    return query, {name: texts for name, texts in query.items() if name in PARAMETERS or name in DATA_FIELDS}


def _read_data_fields(query: dict[str, list[str]], fields: dict[str, Any]) -> list[str]:
    repeated = [name for name in DATA_FIELDS if len(query.get(name, ())) > 1]
    if repeated:
        return [
            f"{repeated[0]} must be given once, but was given {len(query[repeated[0]])} times. Using a line instead."
        ]
    data, x, y = ((query.get(name) or [None])[0] for name in DATA_FIELDS)
    if data is None or data == LINE:
        return ["x and y name columns of a table: give the table as data. Using a line instead."] if x or y else []
    try:
        dataset = table_dataset(data, x, y, fields["seed"])
    except ValueError as error:
        return [f"{_sentence(error)} Using a line instead."]
    if dataset is None:
        return [
            f"The data {shorten(data)} is not on this server: choose its CSV file again under More. "
            "Using a line instead."
        ]
    fields.update(data=data, x=dataset.x_name, y=dataset.y_name)
    return []


def _write_link(experiment: Experiment, fields: dict[str, Any]) -> None:
    ours = experiment.to_query()
    if fields["data"] != LINE:
        ours |= {name: fields[name] for name in DATA_FIELDS if fields[name] is not None}
        ours = {name: text for name, text in ours.items() if name not in SYNTHETIC_FIELDS}
    link = {name: [text] for name, text in ours.items()}
    query, old = _read_link()
    if link != old:
        st.query_params.from_dict({name: texts for name, texts in query.items() if name not in old} | link)
    st.session_state["link"] = link


def _differs_from_start(fields: dict[str, Any]) -> bool:
    return bool(st.session_state["link"]) or fields != Experiment().to_dict() | {"data": LINE, "x": None, "y": None}


# --- from fields to a run ---------------------------------------------------------------------------------


def _read(fields: dict[str, Any]) -> tuple[Experiment | None, Dataset | None, list[str]]:
    problems = list(st.session_state["link_problems"])
    if upload_problem := st.session_state.get("upload_problem"):
        problems.append(upload_problem)
    # Of a table nothing is drawn, so what describes the line must not tell equal runs apart.
    used = [name for name in PARAMETERS if fields["data"] == LINE or name not in SYNTHETIC_FIELDS]
    try:
        experiment = Experiment(**{name: fields[name] for name in used})
        require_device(experiment.device)
    except ValueError as error:
        return None, None, [*problems, _sentence(error)]
    if fields["data"] == LINE:
        return experiment, synthetic_dataset(experiment), problems
    try:
        dataset = table_dataset(fields["data"], fields["x"], fields["y"], experiment.seed)
    except ValueError as error:
        return None, None, [*problems, _sentence(error)]
    if dataset is None:
        return None, None, [*problems, "The CSV file is no longer on this server: choose it again under More."]
    return experiment, dataset, problems


def _sentence(error: ValueError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] if isinstance(error, InvalidCombination) else text


def _limits(experiment: Experiment, dataset: Dataset) -> str:
    landscape = Landscape.of(dataset.x_train, dataset.y_train, experiment.reduction)
    plain = experiment.optimizer == "sgd" and experiment.is_full_batch(len(dataset.x_train))
    note = "" if plain else " (plain, full batch)"
    return f"Fastest **{landscape.best_learning_rate:.4g}** · diverges at **{landscape.max_learning_rate:.4g}**{note}"


# --- widgets ----------------------------------------------------------------------------------------------


def _changed(name: str, widget: str, key: str) -> None:
    """A widget was moved: take its value over."""
    fields, value = st.session_state["fields"], st.session_state.get(key)
    # Streamlit also calls for a widget that is no longer there, and for one whose first value the browser reports.
    if key != _key(widget) or value == fields[name]:
        return
    if value is None and not (getattr(PARAMETERS.get(name), "none", None) or name in DATA_FIELDS):
        _renew(name)  # emptied: it shows the field's value again
    else:
        fields[name] = value
        _renew(name, but=widget)
    _forget_problems()


def _forget_problems() -> None:
    widget_asked()
    st.session_state["link_problems"] = []
    st.session_state.pop("upload_problem", None)


def _bound(name: str, widget: str | None = None) -> dict[str, Any]:
    """The arguments that tie a widget, called as its field or `FIELD_slider`, to its field."""
    widget = widget or name
    return {"key": _key(widget), "on_change": _changed, "args": (name, widget, _key(widget))}


def _key(widget: str) -> str:
    return f"{widget}-{st.session_state['generations'][widget]}"


def _renew(*names: str, but: str = "") -> None:
    """The widgets of these fields are to be made anew, but for the one that set its field."""
    generations = st.session_state.setdefault("generations", Counter())
    generations.update({name for field in names for name in (field, f"{field}_slider")} - {but})


def _logarithmic(name: str, label: str, ladder: list[float], *, disabled: bool = False) -> None:
    kind = PARAMETERS[name]
    whole = isinstance(kind, Whole)
    value = st.session_state["fields"][name]
    step = 1 if whole else 10.0 ** (floor(log10(value)) - 1)
    rungs = [int(rung) for rung in ladder] if whole else ladder
    _slider_and_number(name, label, rungs, step, disabled)


def _slider_and_number(name: str, label: str, rungs: Sequence[float], step: float, disabled: bool) -> None:
    """A slider over `rungs` for the hand, and beside it a field that takes every value exactly."""
    kind = PARAMETERS[name]
    assert isinstance(kind, Whole | Real)
    value = st.session_state["fields"][name]
    # The value itself is always a rung, wherever it came from.
    options = sorted({*rungs, value})
    slider, number = st.columns([0.57, 0.43], vertical_alignment="bottom", gap="small")
    slider.select_slider(
        label,
        options,
        value,
        format_func=_short,
        help=f"{kind.help[0].upper()}{kind.help[1:]}.",
        disabled=disabled,
        **_bound(name, f"{name}_slider"),
    )
    number.number_input(
        f"{label}, exactly",
        min_value=kind.low,
        max_value=kind.high,
        value=value,
        step=step,
        format="%d" if isinstance(kind, Whole) else "%.6g",
        label_visibility="collapsed",
        disabled=disabled,
        **_bound(name),
    )


def _ladder(low: float, high: float, steps: Sequence[float]) -> list[float]:
    """The values step · 10^k within the bounds, ascending."""
    decades = range(floor(log10(low)), floor(log10(high)) + 1)
    rungs = [float(f"{step}e{decade}") for decade in decades for step in steps]
    return [rung for rung in rungs if low <= rung <= high]


def _short(value: float) -> str:
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u202f")
    return f"{value:.6g}"


def _device() -> None:
    devices = find_devices()
    able = {device.name: device.label for device in devices if device.available}
    chosen = st.session_state["fields"]["device"]
    able.setdefault(chosen, "")
    reasons = [f"{device.label}: {device.reason}" for device in devices if not device.available]
    st.selectbox(
        "Device",
        list(able),
        list(able).index(chosen),
        format_func=lambda name: f"{name} · {able[name]}" if name != "cpu" and able[name] else name,
        help="  \n".join(["Where the numbers are computed.", *reasons]),
        **_bound("device"),
    )


def _more(fields: dict[str, Any]) -> None:
    left, right = st.columns(2)
    with left:
        _choice("method", "Method", METHODS, METHOD_NAMES)
        _plain_number("batch_size", "Batch size", empty="full batch")
        _plain_number("true_b", "True b", disabled=fields["data"] != LINE)
        _plain_number("seed", "Seed")
    with right:
        _choice("optimizer", "Optimizer", OPTIMIZERS, OPTIMIZER_NAMES)
        _choice("reduction", "Reduction", ("mean", "sum"), {"mean": "mean", "sum": "sum"})
        _plain_number("true_w", "True w", disabled=fields["data"] != LINE)
        _plain_number("tolerance", "Stop at gradient", step=1e-6, empty="off")
    _data(fields)


def _choice(name: str, label: str, options: Sequence[str], names: dict[str, str]) -> None:
    chosen = options.index(st.session_state["fields"][name])
    st.selectbox(label, options, chosen, format_func=names.__getitem__, **_bound(name))


def _plain_number(
    name: str, label: str, *, step: float = 0.1, empty: str | None = None, disabled: bool = False
) -> None:
    """A field for a number. Where it may be left empty, `empty` says what that means."""
    kind = PARAMETERS[name]
    assert isinstance(kind, Whole | Real)
    whole = isinstance(kind, Whole)
    st.number_input(
        label,
        min_value=kind.low,
        max_value=kind.high,
        value=st.session_state["fields"][name],
        step=1 if whole else step,
        format="%d" if whole else "%.6g",
        placeholder=empty,
        help=None if empty is None else f"{kind.help[0].upper()}{kind.help[1:]}.",
        disabled=disabled,
        **_bound(name),
    )


def _data(fields: dict[str, Any]) -> None:
    chosen = fields["data"]
    names = dict(DATA_NAMES)
    if chosen not in names:
        table = find_table(chosen)
        names[chosen] = table.name if table else "A file that is gone"
    st.selectbox(
        "Data",
        list(names),
        list(names).index(chosen),
        format_func=names.__getitem__,
        **_bound("data") | {"on_change": _data_changed, "args": ()},
    )
    if chosen != LINE and (table := find_table(chosen)):
        columns = table.numeric_columns()
        left, right = st.columns(2)
        for place, name in ((left, "x"), (right, "y")):
            with place:
                at = columns.index(fields[name]) if fields[name] in columns else None
                st.selectbox(f"Column for {name}", columns, at, **_bound(name))
    st.file_uploader("Own CSV", type=["csv", "tsv", "txt"], key="upload", on_change=_uploaded, max_upload_size=20)


def _data_changed() -> None:
    data = st.session_state.get(_key("data"))
    if data not in (None, st.session_state["fields"]["data"]):
        _use_data(data)


def _use_data(data: str) -> None:
    """Switch to other data; of a table, to its first two columns of numbers until others are chosen."""
    table = None if data == LINE else find_table(data)
    x, y = (*(table.numeric_columns() if table else []), None, None)[:2]
    st.session_state["fields"].update(data=data, x=x, y=y)
    _renew("data", "x", "y")
    _forget_problems()


def _uploaded() -> None:
    widget_asked()
    file = st.session_state["upload"]
    if file is None:
        return
    try:
        digest = shared_uploads().add(file.getvalue(), file.name)
    except ValueError as error:
        st.session_state["upload_problem"] = _sentence(error)
        return
    _use_data(digest)
