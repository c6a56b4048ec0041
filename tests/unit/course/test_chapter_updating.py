"""What the chapter on updating claims, against closed forms, the engine's runs and scikit-learn."""

from __future__ import annotations

import re
from itertools import pairwise, product

import numpy as np
import pytest
import torch

from core import Experiment, Landscape, make_dataset, train
from core.course import Outcome, run_cell
from core.course.chapters.c08_updating import CHAPTER
from core.geometry.reference import least_squares
from core.insight.dynamic import loss_by_size
from core.mistakes import MISTAKES

CELLS = {cell.name: cell for cell in CHAPTER.cells}
DATA = make_dataset(Experiment())
BOWL = Landscape.of(DATA.x_train, DATA.y_train)
BEST_B = float((DATA.y_train - 2 * DATA.x_train).mean())
"""The best b where w is 2, as in the cells that learn b alone."""


def run(name: str, **chosen) -> Outcome:
    return run_cell(CHAPTER, CELLS[name], chosen)


def options(name: str, control: str) -> tuple:
    (found,) = (one for one in CELLS[name].controls if one.name == control)
    return found.options


# --- three attempts ---------------------------------------------------------------------------------------

UPDATE = next(mistake for mistake in MISTAKES if mistake.name == "update")


@pytest.mark.parametrize(("line", "attempt"), list(zip(options("attempts", "update"), UPDATE.attempts, strict=True)))
def test_attempts_are_those_of_the_mistake_and_end_like_them(line, attempt):
    assert line.replace(" ", "") in re.sub(r"\s", "", attempt.source)
    outcome, of_mistake = run("attempts", update=line), attempt.run()
    assert (": ".join(outcome.error) if outcome.error else None) == of_mistake.error
    assert (outcome.answer == "it trains") is attempt.right


def test_assignment_gives_a_result_without_a_gradient_to_clear():
    outcome = run("attempts")
    assert outcome.answer == "zero_() fails"
    assert outcome.printed == f"tensor([{0.2 * BEST_B:.4f}], grad_fn=<SubBackward0>)\n"
    assert outcome.error[0] == "AttributeError"
    assert outcome.source.splitlines()[outcome.failed_line - 1] == "    b.grad.zero_()"
    assert not outcome.names["b"].is_leaf
    assert "not a leaf Tensor" in outcome.warned[0]


def test_change_in_place_is_refused_where_it_would_be_recorded():
    outcome = run("attempts", update="b -= lr * b.grad")
    assert outcome.answer == "the update fails"
    assert outcome.source.splitlines()[outcome.failed_line - 1] == "    b -= lr * b.grad"
    assert outcome.names["b"].item() == 0


def test_change_within_no_grad_trains_as_the_closed_form_says():
    outcome = run("attempts", update="with torch.no_grad(): b -= lr * b.grad")
    assert outcome.answer == "it trains"
    assert outcome.names["b"].is_leaf
    assert outcome.names["b"].grad.item() == 0
    found = [float(line.split("[")[1].split("]")[0]) for line in outcome.printed.splitlines()]
    assert found == pytest.approx([BEST_B * (1 - 0.8**epoch) for epoch in range(1, 6)], abs=1e-4)


# --- no_grad ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "required", "recorded"), [("outside", True, True), ("inside", False, False), ("b", True, False)]
)
def test_no_grad_records_nothing_and_leaves_a_parameter_what_it_was(which, required, recorded):
    outcome = run("no-grad", which=which)
    tensor = outcome.names["tensor"]
    assert tensor is outcome.names[which]
    assert outcome.answer == ("yes" if required else "no")
    assert tensor.requires_grad is required
    assert (tensor.grad_fn is not None) is recorded
    assert outcome.printed.splitlines()[-2:] == [f"requires_grad: {required}", f"has a grad_fn: {recorded}"]


def test_number_is_the_same_each_time():
    numbers = set(run("no-grad").printed.splitlines()[0].split())
    assert numbers == {str(1 - 0.1 * 2 * (1 - 6))}


def test_graph_of_a_loss_of_the_recorded_result_contains_the_update():
    names = run("no-grad", which="outside").names
    ((names["outside"] - 6) ** 2).backward()
    assert names["b"].grad.item() == -10 + 2 * (2 - 6)  # what was there, and what came through the update


def test_parameter_changed_in_place_is_ready_for_the_next_epoch():
    b = run("no-grad", which="b").names["b"]
    assert b.is_leaf
    b.grad.zero_()
    ((b - 6) ** 2).backward()
    assert b.grad.item() == 2 * (2 - 6)


# --- the dynamic graph ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "limit"), list(product(options("dynamic", "start"), options("dynamic", "limit"))))
def test_graph_ends_with_what_python_decided_in_that_pass(start, limit):
    outcome = run("dynamic", start=start, limit=limit)
    x, y = torch.tensor(DATA.x_train).float(), torch.tensor(DATA.y_train).float()
    b = torch.tensor([start], requires_grad=True)
    expected = []
    for _ in range(6):
        loss = loss_by_size(b + 2 * x, y, limit)
        large = BOWL.loss(b.item(), 2.0) > limit
        assert loss.grad_fn.name() == ("SqrtBackward0" if large else "MeanBackward0")
        expected.append(f"{loss.item():.4f} {loss.grad_fn.name()}")
        (gradient,) = torch.autograd.grad(loss, b)
        b = (b - 0.5 * gradient).detach().requires_grad_()
    assert outcome.printed.splitlines() == expected
    assert outcome.answer == ("yes" if len({line.split()[1] for line in expected}) == 1 else "no")


def operations(loss: torch.Tensor) -> list[str]:
    """The names along the first inputs, from the loss to the parameter."""
    function, names = loss.grad_fn, []
    while function is not None:
        names.append(function.name())
        function = function.next_functions[0][0] if function.next_functions else None
    return names


@pytest.mark.parametrize(("limit", "root"), [(0.0, True), (20.0, False)])
def test_graph_contains_the_square_root_or_not_and_nothing_of_the_if(limit, root):
    names = run("dynamic", start=0.5, limit=limit).names
    without = ((names["b"] + 2 * names["x"] - names["y"]) ** 2).mean()
    assert operations(names["loss"]) == operations(without.sqrt() if root else without)
    assert ("SqrtBackward0" in operations(names["loss"])) is root


def test_backward_uses_the_graph_up():
    loss = run("dynamic").names["loss"]
    with pytest.raises(RuntimeError, match="second time"):
        loss.backward()


# --- without zero_() --------------------------------------------------------------------------------------


@pytest.mark.parametrize("epochs", options("without-zero", "epochs"))
def test_without_zero_every_step_is_along_the_sum_of_all_gradients_and_never_ends(epochs):
    outcome = run("without-zero", clear="pass", epochs=epochs)
    path = np.array(outcome.names["path"])
    gradients = 2 * (path - BEST_B)
    assert np.diff(path) == pytest.approx(-0.1 * np.cumsum(gradients)[:-1], abs=1e-4)
    late = path[-20:] - BEST_B
    assert late.max() > 0.9
    assert late.min() < -0.9
    assert outcome.answer == "no"


@pytest.mark.parametrize("epochs", options("without-zero", "epochs"))
def test_with_zero_the_steps_shrink_with_the_gradient(epochs):
    outcome = run("without-zero", clear="b.grad.zero_()", epochs=epochs)
    path = np.array(outcome.names["path"])
    assert path == pytest.approx(BEST_B * (1 - 0.8 ** np.arange(epochs)), abs=1e-5)
    assert outcome.answer == "yes"


def test_chart_shows_b_and_its_minimum():
    outcome = run("without-zero")
    best, b = outcome.plot.series
    assert list(best.y) == pytest.approx([BEST_B] * 2, rel=1e-6)
    assert b.y == outcome.names["path"]
    assert (best.role, b.role) == ("minimum", "b")
    h = 1e-3
    assert BOWL.loss(BEST_B, 2.0) < min(BOWL.loss(BEST_B - h, 2.0), BOWL.loss(BEST_B + h, 2.0))


def test_chapter_leads_to_the_same_mistakes():
    assert CHAPTER.mistakes == ("update", "backward", "zero-grad")


# --- the whole loop ---------------------------------------------------------------------------------------

LOOPS = list(product(options("loop", "learning_rate"), options("loop", "epochs")))


@pytest.mark.parametrize(("rate", "epochs"), LOOPS)
def test_loop_is_the_engines_and_says_truly_whether_it_found_the_line(rate, epochs):
    outcome = run("loop", learning_rate=rate, epochs=epochs)
    names = outcome.names
    records = list(train(Experiment(learning_rate=rate, epochs=epochs)))
    last = records[-1]
    assert (names["final_epoch"], names["final_b"], names["final_w"], names["final_loss"]) == last[:4]
    b, w = least_squares(DATA)
    assert (names["intercept"], names["slope"]) == pytest.approx((b, w), rel=1e-12)
    near = abs(last.b - b) < 0.01 and abs(last.w - w) < 0.01
    diverges = rate > BOWL.max_learning_rate
    assert outcome.answer == ("it diverges" if diverges else "yes" if near else "not yet")
    (series,) = outcome.plot.series
    assert list(series.y) == [record.loss for record in records]
    assert list(series.x) == list(range(len(records)))
    if diverges:
        assert f"{BOWL.max_learning_rate:.4g}" in outcome.conclusion
        distances = [np.hypot(one.b - BOWL.b_min, one.w - BOWL.w_min) for one in records]
        assert all(before < after for before, after in pairwise(distances))
    else:
        assert f"«b» = {last.b:.4f}, «w» = {last.w:.4f}" in outcome.conclusion
        assert f"{b:.4f} and {w:.4f}" in outcome.conclusion
        assert last.loss < records[0].loss
        assert (f"fallen to {last.loss:.2g}" in outcome.conclusion) is not near


def test_loss_looks_finished_long_before_the_line_is():
    outcome = run("loop")
    assert outcome.answer == "not yet"
    assert outcome.names["final_loss"] < 0.01 * train(Experiment()).__next__().loss


# --- beside the method by hand ----------------------------------------------------------------------------


@pytest.mark.parametrize("epochs", options("by-hand-too", "epochs"))
def test_methods_start_apart_and_end_at_one_line(epochs):
    outcome = run("by-hand-too", epochs=epochs)
    by_hand, autograd = (list(train(Experiment(method=one, epochs=epochs))) for one in ("numpy", "autograd"))
    assert by_hand[0][1:3] != autograd[0][1:3]
    one, other = by_hand[-1], autograd[-1]
    assert (outcome.names["final_b"], outcome.names["final_w"]) == other[1:3]
    same = [f"{number:.5f}" for number in one[1:3]] == [f"{number:.5f}" for number in other[1:3]]
    assert outcome.answer == ("to about 6 digits" if same else "not yet")
    assert f"By hand «b» = {one.b:.6f} and «w» = {one.w:.6f}" in outcome.conclusion
    assert f"autograd «b» = {other.b:.6f} and «w» = {other.w:.6f}" in outcome.conclusion
    assert ("on their way" in outcome.conclusion) is not same
    hand, grad = outcome.plot.series
    assert list(zip(hand.x, hand.y, strict=True)) == [record[1:3] for record in by_hand]
    assert list(zip(grad.x, grad.y, strict=True)) == [record[1:3] for record in autograd]
    assert outcome.plot.landscape.loss_min == BOWL.loss_min


def test_program_of_the_method_by_hand_computes_in_float64_and_the_other_in_float32():
    by_hand, autograd = run("by-hand-too", method="numpy").names, run("by-hand-too").names
    assert by_hand["b"].dtype == np.float64
    assert autograd["b"].dtype == torch.float32
    assert (by_hand["final_b"], by_hand["final_w"]) == list(train(Experiment(method="numpy")))[-1][1:3]


def test_last_steps_in_float32_are_too_short_to_change_a_number():
    last = list(train(Experiment()))[-1]
    for value, gradient in ((last.b, last.b_grad), (last.w, last.w_grad)):
        assert gradient != 0
        assert np.float32(value) - np.float32(0.1) * np.float32(gradient) == np.float32(value)
    by_hand = list(train(Experiment(method="numpy")))[-1]
    assert by_hand.b - 0.1 * by_hand.b_grad != by_hand.b
    best = least_squares(DATA)
    assert np.abs(np.subtract(by_hand[1:3], best)).max() < np.abs(np.subtract(last[1:3], best)).max() < 1e-5
