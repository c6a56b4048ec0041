"""CSV files: what is read, and the one sentence that each unusable file gets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_iris

from core import Experiment, read_table, shipped_table
from core.data import shuffled, split
from core.data.reading import read_values
from core.data.tables import MAX_BYTES, MAX_ROWS

GOOD = {"x": ["1", "2", "3", "4", "5"], "y": ["1.5", "2.5", "3.5", "4.5", "5.5"]}
CSV = b"x,y\n1,1.5\n2,2.5\n3,3.5\n4,4.5\n5,5.5\n"


def refusal(call) -> str:
    """The sentence of the ValueError that `call` raises; it is one line, ends with a full stop and is not long."""
    with pytest.raises(ValueError) as raised:  # noqa: PT011  each test looks at the words
        call()
    words = str(raised.value)
    assert len(words.splitlines()) == 1
    assert words.endswith(".")
    assert len(words) < 300
    assert type(raised.value) is ValueError
    return words


def cells(table) -> dict[str, list[str]]:
    """The columns as text."""
    return {name: column.to_pylist() for name, column in table.grid.columns.items()}


def test_a_plain_file_is_read_column_by_column():
    table = read_table(CSV, "points.csv")
    assert cells(table) == GOOD
    assert table.name == "points.csv"
    assert len(table) == 5
    assert table.numeric_columns() == ["x", "y"]
    assert table.column("y").tolist() == [[1.5], [2.5], [3.5], [4.5], [5.5]]
    assert table.column("y").dtype == np.float64


def test_memory_of_a_table_is_about_that_of_its_text_and_four_bytes_a_cell():
    contents = b"x,y\n" + b"1234567,2345678\n" * 50_000
    assert 50_000 * 2 * (7 + 4) <= read_table(contents).nbytes < 1.1 * 50_000 * 2 * (7 + 4)


def test_a_quoted_cell_may_hold_separators_quotes_and_line_ends():
    table = read_table(b'name,x\n"a, ""b""\nc",1\n')
    assert cells(table) == {"name": ['a, "b"\nc'], "x": ["1"]}


def test_a_quoted_line_end_may_stand_anywhere_in_a_large_file():
    rows = b'"a, b\r\nc",1.5,2.5\n' * 100_000
    table = read_table(b"name,x,y\n" + rows)
    assert len(table) == 100_000
    assert table.column("x").sum() == 150_000


def test_a_file_is_read_by_its_path_and_called_by_its_name(tmp_path):
    path = tmp_path / "points.csv"
    path.write_bytes(CSV)
    for given_path in (path, str(path)):
        table = read_table(given_path)
        assert (cells(table), table.name) == (GOOD, "points.csv")


@given(st.lists(st.tuples(*[st.floats(-1e9, 1e9)] * 2), min_size=1, max_size=20))
def test_numbers_written_in_full_are_read_to_the_last_bit(rows):
    contents = "x,y\n" + "".join(f"{x!r},{y!r}\n" for x, y in rows)
    table = read_table(contents.encode())
    assert np.array_equal(np.hstack([table.column("x"), table.column("y")]), np.array(rows))


HTML = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n"


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (b"", "data.csv is empty: give a CSV file"),
        (b" \r\n \n", "data.csv is empty: give a CSV file"),
        (b"\xef\xbb\xbf", "data.csv is empty: give a CSV file"),
        (b",,,\n,,,\n", "data.csv is empty: give a CSV file"),
        (b'""\n', "data.csv is empty: give a CSV file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "data.csv is not a text file: save the table as CSV"),
        (HTML, "data.csv is a web page, not a table: download the CSV file itself"),
        (b"\xef\xbb\xbf  <HTML lang=en>\n", "data.csv is a web page"),
        (b"x\n1\n2\n", "data.csv has one column: give a CSV file with a header and two columns"),
        (b"hello\n", "data.csv has one column"),
        (b'[{"x": 1, "y": 2}]', "data.csv is JSON, not a table: save the table as CSV"),
        (b"x,y\n", "data.csv has a header but no rows: add at least 5"),
        (b"x,y\n" + b"1\n2,3\n4\n5\n" * 400, "data.csv has"),
        (b"x" * (MAX_BYTES + 1), "data.csv is larger than 20 MB: keep fewer rows, or only the two columns"),
    ],
    ids=lambda value: value[:30].decode("ascii", "replace") if isinstance(value, bytes) else "",
)
def test_a_file_that_is_no_table_is_refused_in_a_sentence_that_says_what_to_do(contents, words):
    assert refusal(lambda: read_table(contents, "data.csv")).startswith(words)


def test_more_rows_than_the_limit_are_refused(monkeypatch):
    assert MAX_ROWS == 1_000_000
    monkeypatch.setattr("core.data.tables.MAX_ROWS", 1000)
    assert len(read_table(b"x,y\n" + b"1,2\n" * 1000)) == 1000
    words = refusal(lambda: read_table(b"x,y\n" + b"1,2\n" * 1001, "data.csv"))
    assert words == "data.csv has more than 1\u202f000 rows: keep fewer."


def test_two_thousand_columns_with_one_name_twice_are_told_apart_and_more_are_refused():
    def wide(columns: int) -> bytes:
        header = ",".join([*(f"c{index}" for index in range(columns - 1)), "c77"])
        return f"{header}\n{','.join(map(str, range(columns)))}\n".encode()

    assert list(read_table(wide(2000)).columns)[-1] == "c77 (2)"
    words = refusal(lambda: read_table(wide(2001), "wide.csv"))
    assert words == "wide.csv has more than 2000 columns: keep those that you need."


def test_a_path_that_cannot_be_read_is_refused_with_the_reason(tmp_path):
    assert "No such file" in refusal(lambda: read_table(tmp_path / "none.csv"))
    assert "none.csv" in refusal(lambda: read_table("none.csv"))
    assert "give the path of a CSV file" in refusal(lambda: read_table(tmp_path))
    assert "not a path" in refusal(lambda: read_table("a\0b.csv"))
    assert "give the path" in refusal(lambda: read_table("n" * 10_000))


def test_a_file_of_a_gigabyte_is_refused_without_being_read(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write(b"x,y\n")
        file.truncate(10**9)  # sparse: it takes no room on the disk
    assert refusal(lambda: read_table(path)).startswith("huge.csv is larger than 20 MB")


def rows(*lines: str) -> bytes:
    return "\n".join(["x,y,kind", *lines]).encode()


FIVE = ("1,2,a", "2,3,a", "3,4,b", "4,5,b", "5,6,b")


@pytest.mark.parametrize(
    ("contents", "x", "y", "words"),
    [
        (rows(*FIVE), "z", "y", "data.csv has no column 'z'; it has 'x', 'y', 'kind'"),
        (rows(*FIVE), "X", "y", "data.csv has no column 'X'"),
        (rows(*FIVE), "x", "<script>" * 100, "data.csv has no column '<script>"),
        (rows(*FIVE), "x", "kind", "Column 'kind' of data.csv holds 'a' in row 1 below the header, which is not a nu"),
        (rows(*FIVE[:4], "6,NA,b", "7,,b"), "x", "y", "data.csv has too few rows of data (4): give at least 5"),
        (rows(*[f"{line[:3]},," for line in FIVE]), "x", "column 5", "data.csv has no column 'column 5'"),
        (rows(*[f"{line[:3]}," for line in FIVE]), "x", "kind", "Column 'kind' of data.csv is empty: choose another"),
        (rows(*FIVE, "1e10,6,b"), "x", "y", "Column 'x' of data.csv holds '1e10' in row 6 below the header: divide"),
        (rows(*FIVE, f"{'9' * 300},6,b"), "x", "y", "Column 'x' of data.csv holds '999"),
        (rows("1,2,a"), "x", "y", "data.csv has too few rows of data (1): give at least 5"),
        (rows(*FIVE[:4]), "x", "y", "data.csv has too few rows of data (4): give at least 5"),
        (rows(*["0.1,2,a"] * 10), "x", "y", "Column 'x' of data.csv is 0.1 in every row, so no slope can"),
        (b"name,kind\na,b\n", None, None, "data.csv needs two columns of numbers; it has 'name' (holds words)"),
        (rows(*[f"{line[0]},m,a" for line in FIVE]), None, None, "data.csv needs two columns of numbers"),
    ],
)
def test_columns_that_cannot_be_trained_on_are_refused_in_a_sentence_that_says_what_to_do(contents, x, y, words):
    table = read_table(contents, "data.csv")
    assert refusal(lambda: table.dataset(x, y, Experiment())).startswith(words)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["1 kg", "2 lb"] * 5, "holds '1 kg' in row 1 below the header, and others that are written in another way"),
        (["2024-01-02", "03.04.2024"] * 5, "holds '2024-01-02' in row 1 below the header, and others that are"),
        (["", "1", "2K"] * 5, "holds '2K' in row 3 below the header, and others that are written in another way"),
        (["1"] * 2000 + ["red"] * 1000, "holds 'red' in row 2001 below the header, which is not a number"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_column_that_cannot_be_read_is_refused_with_a_cell_that_it_has(cells, words):
    table = read_table("\n".join(["x;y", *(f"{row};{cell}" for row, cell in enumerate(cells)), ""]).encode(), "own.csv")
    assert refusal(lambda: table.column("y")).startswith(f"Column 'y' of own.csv {words}")


def test_a_table_without_numbers_names_no_more_than_a_few_of_its_columns():
    header = ",".join(f"column{index}" for index in range(500))
    table = read_table(f"{header}\n{','.join('a' * 500)}\n".encode(), "data.csv")
    assert "'column4' (holds words) and 495 more" in refusal(lambda: table.dataset(None, None, Experiment()))


def test_a_header_that_is_html_is_only_a_name():
    table = read_table(b"<b>x</b>,<script>alert(1)</script>\n" + CSV.partition(b"\n")[2])
    assert list(table.columns) == ["<b>x</b>", "<script>alert(1)</script>"]
    assert table.dataset(None, None, Experiment()).x_name == "<b>x</b>"


def test_holes_in_a_column_that_is_not_used_do_not_matter():
    table = read_table(rows(*FIVE, "6,7,"))
    assert len(table.dataset("x", "y", Experiment())) == 6


@pytest.mark.parametrize(
    ("x", "y", "names"),
    [
        (None, None, ("a", "b")),
        ("b", None, ("b", "a")),
        (None, "a", ("b", "a")),
        ("c", None, ("c", "a")),
        ("", "", ("a", "b")),
    ],
)
def test_a_column_that_is_not_named_is_the_first_of_numbers_that_is_left(x, y, names):
    table = read_table(b"label,a,b,c\n" + b"".join(b"k,%d,%d,%d\n" % (i, 2 * i, 3 * i) for i in range(9)))
    dataset = table.dataset(x, y, Experiment())
    assert (dataset.x_name, dataset.y_name) == names


@given(st.integers(0, 2**32 - 1))
def test_a_table_is_shuffled_by_the_seed_and_split_like_other_data(seed):
    dataset = read_table(CSV).dataset("x", "y", Experiment(seed=seed))
    x, y = (np.array([[float(cell)] for cell in GOOD[name]]) for name in "xy")
    expected = split(x, y, 0.2, shuffled(len(x), np.random.RandomState(seed)))
    for column, wanted in zip((dataset.x_train, dataset.y_train, dataset.x_val, dataset.y_val), expected, strict=True):
        assert np.array_equal(column, wanted)
    assert (len(dataset.x_train), len(dataset.x_val)) == (4, 1)


def test_the_shipped_irises_are_those_of_scikit_learn():
    table, iris = shipped_table("iris"), load_iris()
    names = [name.removesuffix(" (cm)").replace(" ", "_") for name in iris.feature_names]
    assert sorted(table.numeric_columns()) == sorted(names)
    assert np.array_equal(np.hstack([table.column(name) for name in names]), iris.data)
    assert cells(table)["species"] == [str(iris.target_names[kind]) for kind in iris.target]


def test_of_a_table_that_is_plain_there_is_nothing_to_say():
    for table in (read_table(CSV), shipped_table("iris")):
        assert table.notices(*table.columns_for(None, None)) == ()
        assert table.others == ()


def test_rows_without_a_value_are_left_out_of_the_points():
    table = read_table(rows(*FIVE, "6,NA,b", ",7,b", ",,b", "8,9,b"))
    x, y = table.points("x", "y")
    assert x.ravel().tolist() == [1, 2, 3, 4, 5, 8]
    assert y.ravel().tolist() == [2, 3, 4, 5, 6, 9]
    assert table.notices("x", "y") == (
        "1 of 9 rows has neither 'x' nor 'y' and is left out.",
        "1 of 9 rows has no 'x' and is left out.",
        "1 of 9 rows has no 'y' and is left out.",
    )
    assert len(table.dataset("x", "y", Experiment())) == 6


def test_columns_say_why_they_cannot_be_used():
    table = read_table(
        b"id,x,word,same,none,far,y\n" + b"".join(b"%d,%d,a,5,,%de10,%d\n" % (i, 3 * i, i, i % 3) for i in range(9))
    )
    assert {column.name: (column.usable, column.reason) for column in table.columns.values()} == {
        "id": (True, "only counts rows"),
        "x": (True, ""),
        "word": (False, "holds words"),
        "same": (False, "is the same in every row"),
        "none": (False, "is empty"),
        "far": (False, "holds numbers beyond ±1e+09"),
        "y": (True, ""),
    }


@pytest.mark.parametrize("name", ["", "id", "Index", "Nr.", "no", "Unnamed: 0", "row", "obs", "Lfd. Nr."])
def test_a_column_that_only_counts_rows_is_never_the_first_choice_but_may_be_chosen(name):
    table = read_table(f"{name},b,a\n".encode() + b"".join(b"%d,%d,%d\n" % (i, 7 * i % 11, i % 3) for i in range(1, 9)))
    first = name or "column 1"
    assert table.numeric_columns() == ["b", "a", first]
    assert table.columns_for(None, None) == ("b", "a")
    assert table.columns_for(first, None) == (first, "b")
    assert f"{first!r} only counts rows." in table.notices(first, "b")


def test_a_feature_that_runs_from_1_on_is_a_feature_where_there_is_no_other():
    table = read_table(b"x,y\n" + b"".join(b"%d,%d\n" % (i, 3 * i % 7) for i in range(1, 20)))
    assert table.columns_for(None, None) == ("x", "y")


def test_the_one_point_apart_may_be_held_out_and_the_sentence_says_what_helps():
    table = read_table(b"x,y\n" + b"8,1\n8,2\n8,4\n8,5\n19,9\n8,3\n8,2.5\n8,7\n", "data.csv")
    rows = np.arange(8.0)
    seed = next(
        seed for seed in range(20) if 4 in split(rows, rows, 0.2, shuffled(len(rows), np.random.RandomState(seed)))[2]
    )
    assert refusal(lambda: table.dataset("x", "y", Experiment(seed=seed))) == (
        "Column 'x' of data.csv varies, but not in the rows that train: the split with seed "
        f"{seed} holds out the others for validation. Set validation to 0, or choose another seed."
    )
    assert len(table.dataset("x", "y", Experiment(seed=seed, validation=0.0)).x_train) == 8


def test_the_first_rows_are_shown_as_they_are_understood():
    table = read_table(b"day;price;who\n01.02.2004;36.450,5;ann\n03.02.2004;NA;bob\n04.02.2004;1.000,0;\n")
    assert table.head(2) == [["2004-02-01", "36450.5", "ann"], ["2004-02-03", "", "bob"]]
    assert len(table.head()) == 3
    assert table.head(1, columns=2) == [["2004-02-01", "36450.5"]]


def test_the_points_of_many_splits_are_read_once(monkeypatch):
    table, read = shipped_table("iris"), []
    monkeypatch.setattr("core.data.tables.read_values", lambda *given: read.append(1) or read_values(*given))
    datasets = table.datasets("petal_length", "petal_width")
    for seed in range(3):
        experiment = Experiment(seed=seed, validation=seed / 10, standardize="xy")
        assert len(datasets(experiment)) == 150
        assert len(read) == 2
        assert datasets(experiment).digest == table.dataset("petal_length", "petal_width", experiment).digest
        read[:] = [1, 1]


def test_a_data_set_that_is_not_shipped_is_a_key_error():
    with pytest.raises(KeyError):
        shipped_table("titanic")
