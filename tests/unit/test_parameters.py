"""Single values: what is taken, what is refused, and what the refusal says."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.parameters import Choice, DeviceName, Real, Whole, shorten

COUNT = Whole("some count", 1, 1000)
BATCH = Whole("some batch", 1, 1000, none="full")
RATE = Real("some rate", 0.001, 10.0)
LIMIT = Real("some limit", 0.0, 1.0, none="off")
COLOUR = Choice("some colour", ("red", "green", "blue"))
DEVICE = DeviceName("some device")


def start_of(value):
    return ascii(value)[:24]


@given(st.integers(1, 1000))
def test_a_whole_number_within_bounds_is_taken_and_survives_being_written(value):
    assert COUNT.check("count", value) == value
    assert COUNT.read("count", COUNT.write(value)) == value


@given(st.integers().filter(lambda value: not 1 <= value <= 1000))
def test_a_whole_number_out_of_bounds_is_refused_by_check_and_by_read(value):
    with pytest.raises(ValueError, match=r"^count must be a whole number from 1 to 1000, but got "):
        COUNT.check("count", value)
    with pytest.raises(ValueError, match=r"^count must be a whole number from 1 to 1000, but got "):
        COUNT.read("count", str(value))


@pytest.mark.parametrize(("text", "value"), [("7", 7), (" 7 ", 7), ("1e2", 100), ("7.0", 7), ("+7", 7), ("007", 7)])
def test_a_whole_number_may_be_written_in_any_usual_way(text, value):
    read = COUNT.read("count", text)
    assert read == value
    assert type(read) is int


@pytest.mark.parametrize(
    "text",
    ["", " ", "7.5", "1e400", "nan", "inf", "-inf", "1_0", "٧", "７", "0x7", "7,0", "seven", "full", "9" * 10_000],
    ids=start_of,
)
def test_text_that_is_no_whole_number_is_refused_with_the_text_quoted(text):
    with pytest.raises(ValueError, match=r"^count must be a whole number from 1 to 1000, but got ") as refusal:
        COUNT.read("count", text)
    assert repr(text)[:10] in str(refusal.value)
    assert len(str(refusal.value)) < 150


@pytest.mark.parametrize("value", [7.0, 7.5, math.nan, math.inf, "7", True, False, None, [7], 7j, np.float64(7), b"7"])
def test_what_is_not_a_whole_number_is_refused_even_if_it_equals_one(value):
    with pytest.raises(ValueError, match=r"^count must be a whole number"):
        COUNT.check("count", value)


@pytest.mark.parametrize("value", [np.int8(7), np.uint64(7), np.int64(7)])
def test_numpys_whole_numbers_become_pythons(value):
    assert type(COUNT.check("count", value)) is int


@pytest.mark.parametrize("text", ["full", "FULL", " full ", "none"])
def test_the_word_for_nothing_reads_as_none(text):
    assert BATCH.read("batch", text) is None


def test_none_is_written_as_its_word_and_offered_in_the_refusal():
    assert BATCH.check("batch", None) is None
    assert BATCH.write(None) == "full"
    with pytest.raises(ValueError, match=r"^batch must be a whole number from 1 to 1000, or 'full', but got 'half'"):
        BATCH.read("batch", "half")


@given(st.floats(0.001, 10.0))
def test_a_number_within_bounds_survives_being_written_to_the_last_bit(value):
    assert RATE.check("rate", value) == value
    assert RATE.read("rate", RATE.write(value)) == value


@given(st.floats().filter(lambda value: not 0.001 <= value <= 10.0))
def test_a_number_out_of_bounds_is_refused_by_check_and_by_read(value):
    with pytest.raises(ValueError, match=r"^rate must be a number from 0.001 to 10, but got "):
        RATE.check("rate", value)
    with pytest.raises(ValueError, match=r"^rate must be a number from 0.001 to 10, but got "):
        RATE.read("rate", repr(value))


@pytest.mark.parametrize("value", ["1", True, None, [1.0], 1j, np.array(1.0), np.array([1.0, 2.0]), np.True_, 10**400])
def test_what_is_not_a_number_is_refused(value):
    with pytest.raises(ValueError, match=r"^rate must be a number"):
        RATE.check("rate", value)


@pytest.mark.parametrize("value", [1, np.float32(0.5), np.float64(0.5), np.int64(3), Fraction(1, 3)])
def test_every_kind_of_real_number_becomes_a_float(value):
    checked = RATE.check("rate", value)
    assert type(checked) is float
    assert checked == float(value)


@pytest.mark.parametrize(
    "text", ["", "1_0", "１", "1,5", "nan", "infinity", "0x1p3", "1e", "off", "9" * 10_000], ids=start_of
)
def test_text_that_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match=r"^rate must be a number from 0.001 to 10, but got ") as refusal:
        RATE.read("rate", text)
    assert len(str(refusal.value)) < 150


def test_a_number_that_may_be_left_out_has_a_word_for_that():
    assert LIMIT.read("limit", "off") is None
    assert LIMIT.write(None) == "off"
    assert LIMIT.check("limit", None) is None
    assert LIMIT.read("limit", "0") == 0.0


@pytest.mark.parametrize("value", ["", "Red", "pink", None, 1, True, ["red"], b"red"])
def test_a_word_that_is_not_among_the_options_is_refused_with_the_options_named(value):
    with pytest.raises(ValueError, match=r"^colour must be 'red', 'green' or 'blue', but got "):
        COLOUR.check("colour", value)


@pytest.mark.parametrize("parameter", [COLOUR, DEVICE])
def test_a_special_kind_of_string_becomes_a_plain_one(parameter):
    value = np.str_("red" if parameter is COLOUR else "cuda:1")
    assert type(parameter.check("field", value)) is str
    assert parameter.check("field", value) == value


@pytest.mark.parametrize("name", ["cpu", "cuda", "cuda:10", "cuda:15", "mps", "xpu", "xpu:1"])
def test_devices_are_named_as_torch_names_them(name):
    assert DEVICE.read("device", f" {name} ") == name


def test_the_first_gpu_has_one_name():
    assert DEVICE.read("device", "cuda:0") == DEVICE.check("device", "cuda:0") == "cuda"


@pytest.mark.parametrize(
    "name", ["", "CPU", "gpu", "cuda:", "cuda:x", "cuda:123", "cuda:-1", "cpu:0", "cuda:１", 0, None]
)
def test_what_is_no_device_name_is_refused_with_examples(name):
    with pytest.raises(ValueError, match=r"^device must be 'cpu', 'cuda', 'cuda:1', 'mps' or 'xpu', but got "):
        DEVICE.check("device", name)


def test_a_short_value_is_quoted_whole():
    assert shorten("ten") == "'ten'"


@pytest.mark.parametrize(
    "value", ["x" * 10_000, "line\n" * 100, np.eye(3), "\u2028" * 50, 10**100, list(range(1000))], ids=start_of
)
def test_any_value_is_quoted_on_one_short_line(value):
    assert len(shorten(value)) < 80
    assert len(shorten(value).splitlines()) == 1


def test_a_number_too_long_for_python_to_write_is_described():
    assert shorten(10**5000) == "int of thousands of digits"
