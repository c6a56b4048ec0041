"""What holds for every chapter: all it offers runs, each control changes what is seen, and it can be taken away."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from core import Experiment, train
from core.course import CHAPTERS, Cell, Chapter, Control, Question, look_at, run_cell, running, share
from core.course.marks import MARK
from core.course.memory import MOST
from core.course.notebook import chapter_notebook
from core.mistakes import MISTAKES
from core.source import body_of

MOST_COMBINATIONS = 40
HEADINGS = {
    # Every heading of the notes, with the chapter and the cells that bring it to life.
    "Data Generation": ("data", ("line", "seed", "split", "shuffle")),
    "Linear Regression": ("four-steps", ("forward", "loss", "gradients", "update", "descent")),
    "tensors": ("tensors", ("kinds", "creation", "view", "reshape", "copies")),
    "Loading Data": ("loading", ("sharing", "bytes", "float", "back")),
    "Defining your device": ("devices", ("finding", "moving", "types", "arriving", "back")),
    "Creating Parameters": ("parameters", ("asking", "seed", "device", "underscore")),
    "Autograd": ("autograd", ("asking", "accumulating", "sub-batches")),
    "backward": ("autograd", ("backward", "leaves")),
    "zero_": ("autograd", ("zero",)),
    "Updating Parameters": ("updating", ("attempts", "no-grad", "dynamic", "loop")),
    "Optimizer": ("optimizers", ("loop", "first-step", "batches")),
    "step / zero_grad": ("optimizers", ("step", "zero-grad")),
    "Loss": ("losses", ("function", "reduction", "sum", "out", "loop")),
}
ROLES = {"b", "w", "loss", "gradient", "data", "line", "minimum"}

ALL_CELLS = [(chapter, cell) for chapter in CHAPTERS for cell in chapter.cells]
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
each_cell = pytest.mark.parametrize(
    ("chapter", "cell"), ALL_CELLS, ids=[f"{chapter.name}/{cell.name}" for chapter, cell in ALL_CELLS]
)


def combinations(cell: Cell) -> list[dict[str, object]]:
    """All values of the controls together; where that is too many, each control's own beside the others' defaults."""
    options = [control.options for control in cell.controls]
    names = [control.name for control in cell.controls]
    size = 1
    for one in options:
        size *= len(one)
    if size <= MOST_COMBINATIONS:
        return [dict(zip(names, values, strict=True)) for values in product(*options)]
    return [{control.name: value} for control in cell.controls for value in control.options]


def seen(chapter: Chapter, cell: Cell, chosen: dict[str, object]) -> tuple[object, ...]:
    """What a visitor sees of the outcome, but for the code."""
    one = run_cell(chapter, cell, chosen)
    return one.printed, one.error, one.warned, one.conclusion, one.plot


# --- the course -------------------------------------------------------------------------------------------


def test_chapters_come_in_the_order_of_the_notes():
    of_notes = list(dict.fromkeys(chapter for chapter, _ in HEADINGS.values()))
    assert [chapter.name for chapter in CHAPTERS if chapter.name in of_notes] == of_notes


def test_every_heading_of_the_notes_has_its_cells():
    cells = {chapter.name: {cell.name for cell in chapter.cells} for chapter in CHAPTERS}
    for heading, (chapter, named) in HEADINGS.items():
        assert named, heading
        assert set(named) <= cells[chapter], heading


def test_names_are_fit_for_links_and_differ():
    for names in [[one.name for one in CHAPTERS], *([cell.name for cell in one.cells] for one in CHAPTERS)]:
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[a-z][a-z0-9-]*", name) for name in names)


@each_chapter
def test_chapter_leads_to_the_lab_and_to_mistakes_that_there_are(chapter):
    assert set(chapter.mistakes) <= {mistake.name for mistake in MISTAKES}
    trains = any(isinstance(cell.code, Experiment) for cell in chapter.cells)
    assert not trains or chapter.experiment is not None
    assert 4 <= len(chapter.cells) <= 7


# --- the cells --------------------------------------------------------------------------------------------


@each_cell
def test_everything_that_a_cell_offers_runs_answers_its_question_and_fits_a_small_projectors_screen(chapter, cell):
    engines = isinstance(cell.code, Experiment)  # whose programs wrap a line or two, and scroll
    for chosen in combinations(cell):
        outcome = run_cell(chapter, cell, chosen)
        lines = outcome.source.splitlines()
        assert max(map(len, lines)) <= (80 if engines else 54), chosen
        assert engines or len(lines) <= 16, chosen
        assert len(outcome.printed.splitlines()) <= 12, chosen
        assert outcome.source == cell.source(chosen)
        assert outcome.printed or outcome.error, chosen
        assert cell.raises or not outcome.error
        if cell.question:
            assert outcome.answer in cell.question.options, chosen
        if cell.memory and not outcome.error:
            assert {name.name for name in outcome.memory.names} == set(cell.memory), chosen
        if outcome.plot:
            assert {series.role for series in outcome.plot.series} <= ROLES
            assert all(len(series.x) == len(series.y) > 0 for series in outcome.plot.series)


@each_cell
def test_every_control_changes_what_is_seen(chapter, cell):
    assert cell.controls
    before = seen(chapter, cell, {})
    for control in cell.controls:
        others = [{control.name: value} for value in control.options if value != control.default]
        assert any(seen(chapter, cell, chosen) != before for chosen in others), control.name
    first = cell.controls[0]
    at = first.options.index(first.default)
    for neighbour in {max(at - 1, 0), min(at + 1, len(first.options) - 1)} - {at}:
        chosen = {first.name: first.options[neighbour]}
        assert cell.source(chosen) != cell.source()
        assert seen(chapter, cell, chosen) != before, chosen


@each_cell
def test_cell_gives_the_same_again(chapter, cell, monkeypatch):
    first = seen(chapter, cell, {})
    monkeypatch.setattr(running, "_kept", {})
    assert seen(chapter, cell, {}) == first


@each_cell
def test_controls_are_offered_in_order_and_texts_use_known_colours(chapter, cell):
    for control in cell.controls:
        numbers = [option for option in control.options if not isinstance(option, str)]
        assert len(numbers) in (0, len(control.options))
        assert numbers == sorted(numbers)
        assert len(set(control.options)) == len(control.options) >= 2
    outcome = run_cell(chapter, cell)
    for text in (cell.text, cell.formula, outcome.conclusion, chapter.summary):
        assert {found[1] for found in MARK.finditer(text)} <= ROLES
        assert "«" not in MARK.sub("", text)
    if cell.question:
        assert len(set(cell.question.options)) == len(cell.question.options) >= 2


def test_only_what_a_control_offers_becomes_code():
    chapter, cell = ALL_CELLS[0]
    name = cell.controls[0].name
    for value in ("__import__('os').abort()", 10**9, None, [1], True, float(cell.controls[0].default)):
        with pytest.raises(ValueError, match=f"{name} must be one of"):
            cell.source({name: value})
    with pytest.raises(ValueError, match="has no control 'nonsense'"):
        run_cell(chapter, cell, {"nonsense": 1})


def test_control_refuses_a_default_that_it_does_not_offer():
    with pytest.raises(ValueError, match="n must be one of 1, 2, but got 3"):
        Control("n", "N", (1, 2), 3)


def test_controls_take_their_place_in_the_code_and_nowhere_else():
    def code(n, made):
        # a comment belongs to the code
        m = n + max(n, 2, key=lambda size: size)
        text = f"n is {m}"  # n, «ü» before it
        other = max(n, key=str, default=n), made.n
        print(text, other)

    controls = (Control("n", "N", (3, 4), 3), Control("made", "Made", ("one(1)", "two"), "two"))
    cell = Cell(name="test", title="", text="", code=code, controls=controls)
    assert cell.source({"n": 4, "made": "one(1)"}).splitlines() == [
        "# a comment belongs to the code",
        "m = 4 + max(4, 2, key=lambda size: size)",
        'text = f"n is {m}"  # n, «ü» before it',
        "other = max(4, key=str, default=4), one(1).n",
        "print(text, other)",
    ]


@each_cell
def test_what_is_chosen_becomes_one_part_of_the_code_and_changes_no_other(chapter, cell):
    """A word put in without parentheses must not tear apart the expression around it."""
    if isinstance(cell.code, Experiment):
        return
    body = body_of(cell.code)
    for chosen in combinations(cell):
        expected = ast.unparse(Filled(cell.checked(chosen)).visit(ast.parse(body)))
        assert ast.unparse(ast.parse(cell.source(chosen))) == expected


class Filled(ast.NodeTransformer):
    """Puts what is chosen in place of names: an expression, several arguments, or statements for a name on its own."""

    def __init__(self, chosen: dict[str, object]) -> None:
        self.chosen = {name: str(value) for name, value in chosen.items()}

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        if isinstance(node.value, ast.Name) and node.value.id in self.chosen:
            return ast.parse(self.chosen[node.value.id]).body
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        for name in [one.id for one in node.args if isinstance(one, ast.Name) and one.id in self.chosen]:
            (statement,) = ast.parse(f"_({self.chosen[name]})").body
            at = next(i for i, one in enumerate(node.args) if isinstance(one, ast.Name) and one.id == name)
            node.args[at : at + 1] = statement.value.args
            node.keywords = [*statement.value.keywords, *node.keywords]
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in self.chosen:
            return node
        return ast.parse(self.chosen[node.id], mode="eval").body


@each_cell
def test_experiment_that_a_cell_tells_of_is_the_one_that_its_program_ran(chapter, cell):
    for chosen in combinations(cell) if isinstance(cell.code, Experiment) else ():
        names = run_cell(chapter, cell, chosen).names
        *_, last = train(names["experiment"])
        assert (names["final_epoch"], names["final_b"], names["final_w"], names["final_loss"]) == last[:4], chosen


def make_chapter(code, **more) -> Chapter:
    cell = Cell(name="only", title="", text="", code=code, controls=(), **more)
    return Chapter(name="test", title="", summary="", cells=(cell,), setup="given = [1]")


def test_error_is_caught_with_its_line_only_where_it_is_expected():
    def code():
        print("before")
        print(given[3])  # noqa: F821  made by the chapter's setup
        print("after")

    chapter = make_chapter(code, raises=True, question=Question("?", ("IndexError",), lambda names: names["failed"]))
    outcome = run_cell(chapter, chapter.cells[0])
    assert outcome.printed == "before\n"
    assert outcome.error == ("IndexError", "list index out of range")
    assert outcome.failed_line == 2
    assert outcome.answer == "IndexError"
    chapter = make_chapter(code)
    with pytest.raises(IndexError):
        run_cell(chapter, chapter.cells[0])


def test_cells_start_from_the_same_and_leave_the_random_numbers_of_others_alone():
    def code():
        given.append(torch.randn(1).item())  # noqa: F821
        torch.manual_seed(1)
        print(len(given))  # noqa: F821

    chapter = make_chapter(code)
    torch.manual_seed(5)
    expected = torch.randn(2)
    torch.manual_seed(5)
    first = torch.randn(1)
    assert [run_cell(chapter, chapter.cells[0]).printed for _ in range(2)] == ["2\n", "2\n"]
    assert torch.equal(torch.cat([first, torch.randn(1)]), expected)


def test_warnings_are_caught_in_the_librarys_words():
    def code():
        import warnings

        warnings.warn("look out", UserWarning, stacklevel=1)
        print(1)

    chapter = make_chapter(code)
    assert run_cell(chapter, chapter.cells[0]).warned == ("UserWarning: look out",)


# --- the notebooks ----------------------------------------------------------------------------------------

RUN_NOTEBOOKS = """
import contextlib, io, json, sys, warnings
warnings.simplefilter("ignore")
sys.modules["core"] = sys.modules["dashboard"] = None
found = {}
for path in sys.argv[1:]:
    with open(path) as file:
        cells = [cell for cell in json.load(file)["cells"] if cell["cell_type"] == "code"]
    names, found[path] = {"__name__": "__main__"}, []
    for cell in cells:
        out, error = io.StringIO(), None
        with contextlib.redirect_stdout(out):
            try:
                exec("".join(cell["source"]), names)
            except Exception as raised:
                error = type(raised).__name__
                if "raises-exception" not in cell["metadata"].get("tags", ()):
                    raise
        found[path].append([out.getvalue(), error])
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def taken_away(tmp_path_factory):
    """By chapter, what the code cells of its notebook printed, and their errors, in a clean interpreter."""
    folder = tmp_path_factory.mktemp("notebooks")
    for chapter in CHAPTERS:
        (folder / f"{chapter.name}.ipynb").write_text(chapter_notebook(chapter))
    paths = sorted(map(str, folder.iterdir()))
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN_NOTEBOOKS, *paths], check=True, capture_output=True, text=True, cwd=folder
    )
    return {Path(path).stem: said for path, said in json.loads(done.stdout).items()}


@each_chapter
def test_notebook_says_by_itself_what_the_page_says(chapter, taken_away):
    first, *rest = taken_away[chapter.name]
    assert first == ["", None]
    outcomes = [run_cell(chapter, cell) for cell in chapter.cells]
    assert rest == [[one.printed, one.error[0] if one.error else None] for one in outcomes]


@each_chapter
def test_notebook_holds_what_was_chosen_and_no_marks(chapter):
    chosen = {cell.name: {cell.controls[0].name: cell.controls[0].options[-1]} for cell in chapter.cells}
    text = chapter_notebook(chapter, chosen)
    cells = json.loads(text)["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert code == [chapter.preparation, *(cell.source(chosen[cell.name]) for cell in chapter.cells)]
    assert not re.search("[«»]", text)
    assert "\\u00ab" not in text


# --- memory -----------------------------------------------------------------------------------------------


def test_picture_of_memory_tells_a_write_however_small():
    x = torch.ones(3)
    before = look_at({"x": x}, ("x",))
    x[1] += 1e-6
    x[2] = float("nan")
    (storage,) = look_at({"x": x}, ("x",), before).storages
    assert storage.former == (1.0, 1.0, 1.0)
    assert storage.written == (False, True, True)
    again = look_at({"x": x}, ("x",), look_at({"x": x}, ("x",)))
    assert again.storages[0].written == (False, False, False)


def test_names_that_overlap_share_one_storage_whatever_their_library_and_strides():
    array = np.arange(12.0).reshape(3, 4)
    names = {
        "array": array,
        "column": torch.from_numpy(array)[:, 1],
        "backwards": array[::-1, 0],
        "other": torch.zeros(2),
        "none": torch.empty(0),
        "meta": torch.ones(2, device="meta"),
        "word": "word",
    }
    memory = look_at(names, tuple(names))
    assert [name.name for name in memory.names] == ["array", "column", "backwards", "other"]
    assert [name.storage for name in memory.names] == [0, 0, 0, 1]
    first, column, backwards, other = memory.names
    assert first.places[5] == "1, 1"
    assert [place for place in column.places if place] == ["0", "1", "2"]
    assert column.places.index("1") == 5
    assert backwards.places[0] == "2"
    assert (column.strides, backwards.strides) == ((4,), (-4,))
    assert memory.storages[0].values == tuple(map(float, range(12)))
    assert (other.kind, other.dtype, memory.storages[1].count) == ("tensor", "float32", 2)
    assert share(array, names["column"])
    assert not share(array, names["other"])


def test_memory_of_scalars_expanded_and_short_floats_can_be_looked_at():
    names = {"scalar": torch.tensor(2.5), "wide": torch.ones(1).expand(4), "short": torch.ones(2, dtype=torch.bfloat16)}
    memory = look_at(names, tuple(names))
    assert [name.places for name in memory.names] == [("the number",), ("0",), ("0", "1")]
    assert [storage.values for storage in memory.storages] == [(2.5,), (1.0,), (1.0, 1.0)]


def test_long_tensors_are_looked_at_from_their_start():
    (storage,) = look_at({"x": torch.arange(100)}, ("x",)).storages
    assert storage.count == 100
    assert storage.values == tuple(range(MOST))
