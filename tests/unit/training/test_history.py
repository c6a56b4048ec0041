"""The columns of a run: they hold what was appended, for readers who come at any time."""

from __future__ import annotations

import csv
import io
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import Experiment, History, Record, train
from core.training.history import COLUMNS

NAMES = ["epoch", "b", "w", "loss", "val_loss", "b_grad", "w_grad"]


@st.composite
def record_lists(draw: st.DrawFn) -> list[Record]:
    rows = draw(st.lists(st.tuples(*[st.floats(allow_nan=False)] * 6), max_size=12))
    return [Record(epoch, *row) for epoch, row in enumerate(rows)]


def test_the_columns_are_the_fields_of_a_record():
    assert list(COLUMNS) == NAMES


@given(record_lists())
def test_every_record_comes_back_as_it_was_appended(records):
    history = History()
    for number, record in enumerate(records):
        history.append(record)
        assert len(history) == number + 1
    assert list(history) == records
    for index in range(-len(records), len(records)):
        assert history[index] == records[index]
        assert type(history[index]) is Record
        assert type(history[index].epoch) is int


@given(record_lists())
def test_there_is_no_record_beyond_the_last(records):
    history = History(records)
    for index in (len(records), -len(records) - 1, 10**9):
        with pytest.raises(IndexError, match=f"There are {len(records)} records"):
            history[index]


@given(record_lists(), st.integers(0, 15), st.none() | st.integers(0, 15))
def test_columns_are_those_of_the_records_from_start_to_stop(records, start, stop):
    columns = History(records).columns(start, stop)
    assert list(columns) == NAMES
    for name, column in columns.items():
        assert column.tolist() == [getattr(record, name) for record in records[start:stop]]
        assert column.dtype == np.float64


@given(record_lists(), st.integers(0, 12))
def test_two_halves_make_a_whole(records, middle):
    history = History(records)
    first, second, whole = history.columns(0, middle), history.columns(middle), history.columns()
    for name in NAMES:
        assert np.array_equal(np.concatenate([first[name], second[name]]), whole[name])


@given(record_lists(), st.integers(0, 15), st.none() | st.integers(0, 15))
def test_the_arrow_table_holds_the_same_without_the_epoch(records, start, stop):
    table = History(records).arrow(start, stop)
    assert table.column_names == NAMES[1:]
    for name in NAMES[1:]:
        assert table[name].to_pylist() == [getattr(record, name) for record in records[start:stop]]


@given(record_lists())
def test_the_csv_gives_every_number_back_to_the_last_bit(records):
    file = io.StringIO()
    History(records).write_csv(file)
    header, *rows = csv.reader(io.StringIO(file.getvalue()))
    assert header == NAMES
    assert [Record(int(epoch), *map(float, values)) for epoch, *values in rows] == records
    assert [row[0] for row in rows] == [str(record.epoch) for record in records]


def test_columns_that_were_handed_out_do_not_change_or_hinder_growth():
    history = History([Record(0, *[0.5] * 6)])
    columns = history.columns()
    for epoch in range(1, 1000):
        history.append(Record(epoch, *[1.5] * 6))
    assert columns["b"].tolist() == [0.5]
    assert len(history) == 1000


def test_the_memory_is_that_of_the_numbers():
    assert History(train(Experiment(epochs=9))).nbytes == 10 * 7 * 8


@st.composite
def records_with_states(draw: st.DrawFn) -> list[tuple[Record, list[float]]]:
    """Records, and for each as many more numbers."""
    width = draw(st.sampled_from([0, 2, 4]))
    records = draw(record_lists())
    state = st.lists(st.floats(allow_nan=False), min_size=width, max_size=width)
    return [(record, draw(state)) for record in records]


@given(records_with_states())
def test_what_the_optimizer_remembered_comes_back_beside_its_record(rows):
    history = History()
    for number, (record, state) in enumerate(rows):
        history.append(record, state)
        assert history.state(number) == state
    assert list(history) == [record for record, _ in rows]
    for index, (_, state) in enumerate(rows):
        assert history.state(index) == state
        assert all(type(value) is float for value in history.state(index))
        history.state(index).clear()  # a list of the reader's own
        assert history.state(index) == state


@given(records_with_states())
def test_what_the_optimizer_remembered_is_no_column(rows):
    history, plain = History(), History(record for record, _ in rows)
    for record, state in rows:
        history.append(record, tuple(state))
    files = [io.StringIO(), io.StringIO()]
    for one, file in zip((history, plain), files, strict=True):
        one.write_csv(file)
    assert files[0].getvalue() == files[1].getvalue()
    assert history.arrow().equals(plain.arrow())
    for name, column in history.columns().items():
        assert np.array_equal(column, plain.columns()[name])


@given(record_lists())
def test_without_anything_remembered_there_is_nothing_to_read(records):
    history = History(records)
    assert [history.state(index) for index in range(len(records))] == [[]] * len(records)


@pytest.mark.parametrize(
    ("optimizer", "numbers"), [("sgd", 7), ("momentum", 7 + 2), ("rmsprop", 7 + 2), ("adam", 7 + 4)]
)
def test_the_memory_counts_what_the_optimizer_remembered(optimizer, numbers):
    training, history = train(Experiment(method="optimizer", optimizer=optimizer, epochs=9, n=10)), History()
    for record in training:
        history.append(record, training.state)
    assert history.nbytes == 10 * numbers * 8


def test_whoever_sees_a_record_finds_what_the_optimizer_remembered_there():
    history, torn, done = History(), [], threading.Event()

    def read():
        while not done.is_set():
            if count := len(history):
                state = history.state(count - 1)
                if state != [float(count - 1)] * 4:
                    torn.append((count, state))

    reader = threading.Thread(target=read)
    reader.start()
    for epoch in range(5000):
        history.append(Record(epoch, *[float(epoch)] * 6), [float(epoch)] * 4)
    done.set()
    reader.join()
    assert torn == []
    assert history.state(4999) == [4999.0] * 4


def test_readers_see_only_whole_records_while_another_thread_appends():
    history, torn, done = History(), [], threading.Event()

    def read():
        while not done.is_set():
            columns = history.columns()
            for column in columns.values():
                if not np.array_equal(column, np.arange(float(len(columns["epoch"])))):
                    torn.append(column)
            if count := len(history):
                record = history[count - 1]
                if set(record) != {count - 1}:
                    torn.append(record)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for epoch in range(5000):
        history.append(Record(epoch, *[float(epoch)] * 6))
    done.set()
    for reader in readers:
        reader.join()
    assert torn == []
    assert len(history) == 5000
