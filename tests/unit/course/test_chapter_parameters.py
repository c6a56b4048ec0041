"""What the chapter on parameters claims, against PyTorch itself and the engine's own starts."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from core import Experiment, make_dataset, train
from core.course import Outcome, run_cell
from core.course.chapters.c06_parameters import CHAPTER
from core.mistakes import MISTAKES
from core.source import source_of
from core.training.four_steps import WithAutograd, make_method

CELLS = {cell.name: cell for cell in CHAPTER.cells}


def run(name: str, **chosen) -> Outcome:
    return run_cell(CHAPTER, CELLS[name], chosen)


def options(name: str, control: str) -> tuple:
    (found,) = (one for one in CELLS[name].controls if one.name == control)
    return found.options


def start_of(seed: int) -> tuple[float, float]:
    experiment = Experiment(seed=seed)
    return make_method(experiment, make_dataset(experiment)).parameters()


# --- requires_grad ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", options("asking", "made"))
def test_only_the_tensor_that_asks_requires_a_gradient_and_shows_it_when_printed(made):
    outcome = run("asking", made=made)
    if "[1]" in made:
        assert outcome.answer == "PyTorch refuses"
        return
    asked = "requires_grad=True" in made
    first, second = outcome.printed.splitlines()
    assert ("requires_grad=True" in first) is asked
    assert second == f"requires_grad: {asked}"
    assert outcome.answer == ("yes" if asked else "no")
    assert ("data" in outcome.conclusion) is not asked


def test_whole_numbers_are_refused_a_gradient_and_the_same_ones_with_a_point_are_not():
    outcome = run("asking", made="torch.tensor([1], requires_grad=True)")
    kind, message = outcome.error
    assert kind == "RuntimeError"
    assert "floating point" in message
    assert "`1.0`" in outcome.conclusion
    for whole in (torch.int8, torch.int32, torch.int64):
        with pytest.raises(RuntimeError, match="floating point"):
            torch.ones(1, dtype=whole).requires_grad_()
    assert torch.tensor([1.0], requires_grad=True).requires_grad


# --- the start --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seed", "again"), list(product(options("seed", "seed"), options("seed", "again"))))
def test_seed_fixes_the_numbers_and_their_order_but_not_who_gets_them(seed, again):
    outcome = run("seed", seed=seed, again=again)
    b, w, alone = (outcome.names[name].item() for name in ("b", "w", "w_alone"))
    assert (b, w) == start_of(seed)
    assert alone == start_of(again)[0]
    assert outcome.answer == ("that of b" if again == seed else "another one")


def test_seed_42_gives_the_well_known_start():
    b, w, _ = run("seed").printed.splitlines()
    assert (b, w) == ("b: 0.3367", "w: 0.1288")


@pytest.mark.parametrize("method", ["autograd", "optimizer", "loss_fn", "module"])
def test_every_pytorch_run_of_the_lab_starts_at_the_two_numbers_of_its_seed(method):
    for seed in options("seed", "seed"):
        names = run("seed", seed=seed).names
        first = next(train(Experiment(method=method, seed=seed, epochs=1)))
        assert (first.b, first.w) == (names["b"].item(), names["w"].item())


# --- a generator ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "drawn"), list(product(options("generator", "stream"), options("generator", "drawn")))
)
def test_own_generator_is_disturbed_by_nobody_and_the_shared_stream_by_every_draw(stream, drawn):
    outcome = run("generator", stream=stream, drawn=drawn)
    undisturbed = stream != "None" or drawn == 0
    assert outcome.answer == ("yes" if undisturbed else "no")
    assert f"torch.rand({drawn})  # other code draws" in outcome.source
    assert ((outcome.names["b"].item(), outcome.names["w"].item()) == start_of(42)) is undisturbed


def test_every_draw_from_the_shared_stream_changes_what_others_get():
    starts = {run("generator", drawn=drawn).printed for drawn in options("generator", "drawn")}
    assert len(starts) == len(options("generator", "drawn"))


def test_no_generator_means_the_one_stream_that_the_program_shares():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(42)
        without = torch.randn(1, generator=None)
        torch.manual_seed(42)
        assert torch.equal(torch.randn(1, generator=torch.default_generator), without)


def test_generator_changes_only_when_it_is_used_itself():
    with torch.random.fork_rng(devices=[]):
        mine, other = torch.Generator().manual_seed(42), torch.Generator()
        before = mine.get_state()
        torch.manual_seed(7)
        torch.rand(5)
        torch.rand(5, generator=other)
        assert torch.equal(mine.get_state(), before)
        torch.rand(1, generator=mine)
        assert not torch.equal(mine.get_state(), before)


def test_runs_of_the_lab_neither_move_the_shared_stream_nor_depend_on_it():
    def trained():
        before = torch.get_rng_state()
        records = list(train(Experiment(epochs=3, batch_size=16)))
        assert torch.equal(torch.get_rng_state(), before)
        return records

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        one = trained()
        torch.manual_seed(2)
        torch.rand(5)
        assert trained() == one


# --- the device -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", options("device", "made"))
def test_only_who_asks_before_moving_loses_the_gradient(made):
    outcome = run("device", made=made)
    b, start = outcome.names["b"], outcome.names["start"]
    lost = made.startswith("start.requires_grad_()")
    assert b.is_leaf is not lost
    assert outcome.answer == ("None" if lost else "a gradient")
    gradients = (None, 2 * (1 - 3)) if lost else (2 * (1 - 3), None)
    told = [line.split(": ")[1].strip() for line in outcome.printed.splitlines()[1:]]
    assert told == [str(not lost), *("None" if one is None else f"tensor([{one}.])" for one in gradients)]
    assert any("not a leaf Tensor" in warning for warning in outcome.warned) is lost
    assert (start.grad is not None) is lost
    assert ("went to `start`" in outcome.conclusion) is lost


def test_copy_stands_for_a_move_to_another_device():
    moved = torch.ones(1, requires_grad=True).to("meta")
    assert not moved.is_leaf
    assert moved.grad_fn.name() == run("device").names["b"].grad_fn.name()
    assert torch.ones(1).to("meta").requires_grad_().is_leaf
    assert torch.ones(1, requires_grad=True, device="meta").is_leaf


def test_to_gives_the_parameter_itself_unless_it_has_to_copy_and_then_no_leaf():
    parameter = torch.ones(1, requires_grad=True)
    assert parameter.to("cpu") is parameter
    assert parameter.is_leaf
    for copy in (parameter.to("cpu", copy=True), parameter.to(torch.float64), parameter.to("meta")):
        assert copy is not parameter
        assert not copy.is_leaf


def test_leaf_is_what_no_recorded_operation_made_and_others_get_a_gradient_only_if_they_retain_it():
    leaf = torch.ones(1, requires_grad=True)
    with torch.no_grad():
        unrecorded = leaf * 2
    made, retained = leaf * 2, leaf * 3
    retained.retain_grad()
    (made + retained).backward()
    assert [one.is_leaf for one in (leaf, unrecorded, made, retained)] == [True, True, False, False]
    assert leaf.grad.item() == 5
    assert retained.grad.item() == 1
    with pytest.warns(UserWarning, match="not a leaf Tensor"):
        assert made.grad is None


def test_making_a_parameter_on_its_device_at_once_is_recommended():
    made_there = options("device", "made")[0]
    assert made_there == 'torch.ones(1, requires_grad=True, device="cpu")'
    assert "on its device at once" in run("device", made=made_there).conclusion


def test_chapter_leads_to_the_mistake_that_shows_the_same():
    (mistake,) = (one for one in MISTAKES if one.name in CHAPTER.mistakes)
    asked_before, asked_after, made_there = mistake.run()
    assert "is_leaf=False" in asked_before.printed[0]
    assert "is_leaf=True" in asked_after.printed[0]
    assert "is_leaf=True" in made_there.printed[0]


# --- in place ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", options("underscore", "call"))
def test_underscore_writes_the_memory_and_gives_back_the_same_tensor(call):
    outcome = run("underscore", call=call)
    values, result = outcome.names["values"], outcome.names["result"]
    in_place = call.split("(")[0].endswith("_")
    assert (result is values) is in_place
    assert (result.data_ptr() == values.data_ptr()) is in_place
    assert (values.tolist() != [1, 2, 3]) is in_place
    assert outcome.answer == ("yes" if in_place else "no")
    assert ("in place" in outcome.conclusion) is in_place
    assert len(outcome.memory.storages) == (1 if in_place else 2)
    assert (outcome.memory.storages[0].values != outcome.memory.storages[0].former) is in_place


def test_adding_gives_the_sums_either_way():
    for call in ("values.add(1)", "values.add_(1)"):
        assert run("underscore", call=call).names["result"].tolist() == [2, 3, 4]
    assert run("underscore", call="values.zero_()").names["values"].tolist() == [0, 0, 0]


def test_many_methods_exist_with_and_without_underscore():
    twins = [name for name in dir(torch.Tensor) if not name.startswith("_") and hasattr(torch.Tensor, f"{name}_")]
    assert len(twins) > 50
    assert {"add", "sub", "mul", "requires_grad"} <= set(twins)


# --- the guard --------------------------------------------------------------------------------------------


def test_requires_grad_with_underscore_makes_a_parameter_of_the_very_same_tensor():
    outcome = run("guarded", step="b.add(1)")
    assert outcome.printed.splitlines()[:2] == ["tensor([1.], requires_grad=True)", "the same tensor: True"]
    tensor = torch.ones(2)
    place = tensor.data_ptr()
    assert tensor.requires_grad_() is tensor
    assert tensor.data_ptr() == place


def test_parameter_is_changed_in_place_only_within_no_grad():
    steps = dict(zip(options("guarded", "step"), (1.0, None, 2.0), strict=True))
    for step, value in steps.items():
        outcome = run("guarded", step=step)
        if value is None:
            assert outcome.answer == "PyTorch refuses"
            assert outcome.error[0] == "RuntimeError"
            assert "leaf Variable that requires grad" in outcome.error[1]
            assert outcome.source.splitlines()[outcome.failed_line - 1] == step
            assert outcome.names["b"].item() == 1
        else:
            assert not outcome.error
            assert outcome.names["b"].item() == value
            assert outcome.names["b"].is_leaf
            assert outcome.answer == ("it becomes 2" if value == 2 else "it stays 1")


def test_change_that_is_recorded_makes_the_tensor_the_result_of_an_operation():
    tensor = torch.ones(1)
    assert tensor.is_leaf
    tensor.add_(torch.ones(1, requires_grad=True))
    assert not tensor.is_leaf
    assert tensor.grad_fn is not None


def test_update_of_the_engine_is_made_within_no_grad():
    assert "with torch.no_grad():" in source_of(WithAutograd.update)
