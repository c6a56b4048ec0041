"""Streamlit's messages, as far as the stage's questions and answers travel in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ContextInfo
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

__all__ = ["Answer", "Visitor", "stage_answer"]

STAGE = "gradient_descent_lab_stage"
"""The component's name, beside which the lecturer's part of the page is another one."""

CONTROLS = {"slider", "number_input", "selectbox", "button", "file_uploader"}


@dataclass(frozen=True)
class Answer:
    """What the server told the stage in one message."""

    data: dict[str, Any]
    rows: bytes
    """An Arrow stream; empty where there were no new rows."""


def stage_answer(message: ForwardMsg) -> Answer | None:
    """The answer in `message`, if it is one."""
    component = message.delta.new_element.bidi_component  # empty where it is something else
    if message.WhichOneof("type") != "delta" or component.component_name != STAGE:
        return None
    text = component.mixed.json if component.WhichOneof("data") == "mixed" else component.json
    data = json.loads(text)
    rows = b"".join(blob.data for blob in component.mixed.arrow_blobs.values())
    return Answer(data, rows)


class Visitor:
    """A browser's part of the conversation: what it knows of the page, and the messages that it sends."""

    def __init__(self, address: str, query: str) -> None:
        self.query = query
        self.context = ContextInfo(
            timezone="UTC",
            timezone_offset=0,
            locale="en-US",
            url=f"{address}?{query}",
            is_embedded=False,
            color_scheme="light",
        )
        self.session = ""
        self.page = ""
        self.fragment = ""
        self.stage = ""
        self.widgets: dict[str, WidgetState] = {}
        """What every widget on the page says, by its id."""
        self.labels: dict[str, str] = {}
        """The ids of the controls by their labels. A slider and the field beside it have labels of their own."""
        self._seen: set[str] = set()

    def hear(self, message: ForwardMsg) -> Answer | None:
        """Take note of the page and its widgets; gives the stage's answer if there is one in the message."""
        match message.WhichOneof("type"):
            case "new_session":
                self.page = message.new_session.page_script_hash
                self.session = message.new_session.initialize.session_id or self.session
                if not message.metadata.run.fragment_ids:
                    self._seen.clear()
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "delta":
                self._hear_of_element(message)
            case "script_finished" if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                # As the browser does: what is no longer on the page says nothing any more.
                self.widgets = {key: state for key, state in self.widgets.items() if key in self._seen}
                self.labels = {label: key for label, key in self.labels.items() if key in self._seen}
        return stage_answer(message)

    def _hear_of_element(self, message: ForwardMsg) -> None:
        if message.delta.WhichOneof("type") == "add_block":
            popover = message.delta.add_block.popover
            if popover.id:
                self._know(popover.id, popover.label)
                self.widgets.setdefault(popover.id, WidgetState(id=popover.id, bool_value=popover.open))
            return
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "bidi_component" and element.bidi_component.component_name == STAGE:
            self.stage, self.fragment = element.bidi_component.id, message.delta.fragment_id
            self._seen.add(self.stage)
        elif kind in CONTROLS:
            control = getattr(element, kind)
            self._know(control.id, control.label)
            if state := widget_state(element):
                self.widgets.setdefault(control.id, state)

    def _know(self, key: str, label: str) -> None:
        self._seen.add(key)
        self.labels[label] = key

    def opening(self) -> bytes:
        """The first message: run the page."""
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.widget_states.SetInParent()
        message.rerun_script.context_info.CopyFrom(self.context)
        return message.SerializeToString()

    def question(self, have: dict[str, Any]) -> bytes:
        """`setStateValue("have", have)`: rerun the stage's fragment with all the page's widgets as they are."""
        text = json.dumps({"have": have}, separators=(",", ":"))
        self.widgets[self.stage] = WidgetState(id=self.stage, json_value=text)
        return self._rerun(self.fragment)

    def change(self, label: str, **value: Any) -> bytes:
        """A control has another value from now on: rerun the page. `change("Seed", int_value=7)`."""
        key = self.labels[label]
        self.widgets[key] = WidgetState(id=key, **value)
        return self._rerun()

    def press(self, label: str) -> bytes:
        """A button is pressed: rerun the page."""
        return self._rerun(pressed=self.labels[label])

    def _rerun(self, fragment: str = "", pressed: str = "") -> bytes:
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string = self.query
        rerun.page_script_hash = self.page
        rerun.fragment_id = fragment
        rerun.widget_states.widgets.extend(self.widgets.values())
        if pressed:
            rerun.widget_states.widgets.add(id=pressed, trigger_value=True)
        rerun.context_info.CopyFrom(self.context)
        return message.SerializeToString()


def widget_state(element: Element) -> WidgetState | None:
    """The state that the browser gives a control of the page when it first shows it."""
    match element.WhichOneof("type"):
        case "slider":
            slider = element.slider
            chosen = [slider.options[int(index)] for index in slider.default]
            return WidgetState(id=slider.id, string_array_value={"data": chosen})
        case "number_input":
            number = element.number_input
            if not number.HasField("default"):
                return None
            if number.data_type == number.INT:
                return WidgetState(id=number.id, int_value=int(number.default))
            return WidgetState(id=number.id, double_value=number.default)
        case "selectbox":
            box = element.selectbox
            return WidgetState(id=box.id, string_value=box.options[box.default])
    return None
