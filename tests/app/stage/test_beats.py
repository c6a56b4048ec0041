"""The lines beside the code: every number in them is what NumPy finds on its own."""

from __future__ import annotations

import numpy as np
import pytest
from recorded import shown

from core import Experiment, methods


def numbers_in(line):
    """The numbers of a line in their order, those of a tensor too."""
    found = []
    for part in line["parts"]:
        if not isinstance(part, str):
            (thing,) = part.values()
            found += thing["first"] if isinstance(thing, dict) else [thing]
    return found


def words_of(line):
    """The line with `#` for what is no text."""
    return "".join(part if isinstance(part, str) else "#" for part in line["parts"])


@pytest.mark.parametrize("method", methods)
def test_beats_show_what_numpy_computes_from_the_record(method):
    moment, dataset, history = shown(Experiment(method=method, epochs=20), 7)
    record, after = history[7], history[8]
    yhat = record.b + record.w * dataset.x_train
    error = yhat - dataset.y_train
    beats = moment["beats"]
    for line, name, column in ((beats["forward"][0], "yhat", yhat), (beats["loss"][0], "error", error)):
        assert words_of(line) == f"{name} #"
        shape, first, more = line["parts"][1]["tensor"].values()
        assert (shape, more) == ("(80, 1)", True)
        assert first == pytest.approx(column[:3, 0], rel=1e-4)
    assert numbers_in(beats["loss"][1]) == pytest.approx([(error**2).mean()], rel=1e-5)
    gradients = [2 * error.mean(), 2 * (dataset.x_train * error).mean()]
    names = ("b_grad", "w_grad") if method == "numpy" else ("b.grad", "w.grad")
    assert [words_of(line) for line in beats["backward"]] == [f"{name} = #" for name in names]
    assert [numbers_in(line) for line in beats["backward"]] == [pytest.approx([slope], rel=1e-4) for slope in gradients]
    for line, name, slope in zip(beats["update"][:2], ("b", "w"), gradients, strict=True):
        assert words_of(line) == f"{name} = # − # × # = #"
        assert [list(part) for part in line["parts"][1::2]] == [["number"], ["setting"], ["operand"], ["number"]]
        old, rate, gradient, new = numbers_in(line)
        assert (old, rate) == (pytest.approx(getattr(record, name), rel=1e-8), 0.1)
        assert gradient == pytest.approx(slope, rel=1e-4)
        assert new == pytest.approx(getattr(after, name), rel=1e-8)
        assert old - rate * gradient == pytest.approx(new, abs=1e-6)


@pytest.mark.parametrize("optimizer", ["momentum", "rmsprop", "adam"])
def test_update_with_state_is_written_out_with_numbers_that_add_up(optimizer):
    moment, _, history = shown(Experiment(method="optimizer", optimizer=optimizer, epochs=9), 4)
    lines = moment["beats"]["update"]
    assert len(lines) == {"momentum": 5, "rmsprop": 5, "adam": 7}[optimizer]
    for line in lines[:-1]:
        name, _, rest = calculation(line).partition(" = ")
        left, _, result = rest.rpartition(" = ")
        assert eval(left, {"sqrt": np.sqrt}) == pytest.approx(float(result), rel=1e-5, abs=1e-6)
        if name in ("b", "w"):
            assert float(result) == pytest.approx(getattr(history[5], name), rel=1e-8)
    assert words_of(lines[-1]) == "b.grad, w.grad → None"


def calculation(line):
    """The line as Python would work it out."""
    written = ""
    for part in line["parts"]:
        if isinstance(part, str):
            written += part.replace("−", "-").replace("×", "*").replace("(√", "(sqrt")
        else:
            ((stands, value),) = part.items()
            root = written.endswith("sqrt")
            written += f"({value!r})" if root or stands != "number" else repr(value)
            written += "**2" if stands == "square" else ""
    return written


@pytest.mark.parametrize(("size", "batches", "others"), [(16, 5, "# more batches make"), (40, 2, "# more batch makes")])
def test_mini_batch_says_which_batch_it_is_and_where_the_others_lead(size, batches, others):
    moment, _, history = shown(Experiment(method="module", batch_size=size, epochs=5), 2)
    first, last = moment["beats"]["forward"][0], moment["beats"]["update"][-1]
    assert (words_of(first), numbers_in(first)) == ("batch 1 of #: # points", [batches, size])
    assert words_of(last) == f"{others} b #, w #"
    assert numbers_in(last) == [batches - 1, *(pytest.approx(value, rel=1e-8) for value in history[3][1:3])]
