"""Experiments as plain programs: run without this project, they end at the engine's numbers to the last bit."""

from __future__ import annotations

import ast
import contextlib
import io
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from bare_steps import PAIRINGS
from clean_interpreter import numbers, printed_by
from hypothesis import given, settings
from hypothesis import strategies as st
from noisy_line import noisy_line
from strategies import experiments, moves, schedules, within

from core import Dataset, Experiment, StopReason, make_dataset, methods, shipped_table, train
from core.data import scaled
from core.takeaway.program import MOST_WRITTEN_OUT, make_program
from core.training.four_steps import METHOD_CLASSES
from core.training.four_steps.with_autograd import WithAutograd
from core.training.four_steps.with_optimizer import RULES

PARTS = ("x_train", "y_train", "x_val", "y_val")
WITH_OPTIMIZER = ("optimizer", "loss_fn", "module")


def iris(seed=42) -> Dataset:
    return shipped_table("iris").dataset(None, None, Experiment(seed=seed))


def large_table() -> Dataset:
    random = np.random.default_rng(1)
    x = random.normal(50, 20, 3000)
    return Dataset(x[:2400], 3 * x[:2400] - 7, x[2400:], 3 * x[2400:] - 7)


def one_x() -> Dataset:
    return Dataset(np.full(9, 0.1), np.linspace(0, 1, 9), [0.1], [0.5])


def far_validation() -> Dataset:
    """Points whose validation loss leaves float64 long before the training loss does."""
    x = np.linspace(0, 1, 50)
    return Dataset(x, x, [1e9], [0.0])


SCALED = Experiment(standardize="x", epochs=100)

CASES: dict[str, tuple[Experiment, Dataset | None]] = {
    **{f"{method}": (Experiment(method=method), None) for method in methods},
    **{
        f"{method} with {optimizer}": (
            Experiment(method=method, optimizer=optimizer, learning_rate=0.02, epochs=150),
            None,
        )
        for method in WITH_OPTIMIZER
        for optimizer in RULES
    },
    **{
        f"{method}, sum": (Experiment(method=method, reduction="sum", learning_rate=0.004, epochs=100), None)
        for method in methods
    },
    **{
        f"{method}, batches of {size}, {reduction}": (
            # 40 training points: the last batch of 16 has 8, that of 33 has 7.
            Experiment(method=method, batch_size=size, reduction=reduction, learning_rate=0.003, epochs=20, n=50),
            None,
        )
        for method in methods
        for size in (1, 16, 33)
        for reduction in ("mean", "sum")
    },
    **{
        f"{method} with {optimizer}, batches": (
            Experiment(method=method, optimizer=optimizer, batch_size=16, learning_rate=0.02, epochs=20),
            None,
        )
        for method in WITH_OPTIMIZER
        for optimizer in ("momentum", "rmsprop", "adam")
    },
    "batch of all points": (Experiment(batch_size=80, epochs=30), None),
    **{
        f"{method}, converges{', batches' if size else ''}": (
            Experiment(method=method, batch_size=size, tolerance=0.05, learning_rate=0.05),
            None,
        )
        for method in methods
        for size in (None, 16)
    },
    "sum converges in batches": (
        Experiment(method="numpy", batch_size=16, reduction="sum", tolerance=2.0, learning_rate=0.003),
        None,
    ),
    "converges at once": (Experiment(tolerance=1e6), None),
    "does not converge": (Experiment(tolerance=0.0, epochs=30), None),
    **{
        f"{method} diverges at {rate:g}{f', batches of {size}' if size else ''}": (
            Experiment(method=method, learning_rate=rate, batch_size=size, tolerance=1e-9 if rate == 2 else None),
            None,
        )
        for method in methods
        for rate in (2.0, 1000.0)
        for size in (None, 1, 16)
    },
    "sum diverges": (Experiment(method="loss_fn", reduction="sum", learning_rate=1.0), None),
    "momentum diverges": (Experiment(method="optimizer", optimizer="momentum", learning_rate=10.0), None),
    "one epoch": (Experiment(epochs=1), None),
    "one epoch of batches": (Experiment(method="numpy", epochs=1, batch_size=7), None),
    "other points": (
        Experiment(seed=2**32 - 1, n=37, noise=1.5, true_b=-4.0, true_w=-0.25, method="module", epochs=50),
        None,
    ),
    "no noise": (Experiment(seed=0, n=10, noise=0.0, true_b=0.0, true_w=1e-3, method="numpy", epochs=50), None),
    **{f"{method}, many points": (Experiment(method=method, n=100_000, epochs=25), None) for method in methods},
    **{f"iris, {method}": (Experiment(method=method, epochs=200, seed=7), iris(7)) for method in methods},
    "iris in batches": (Experiment(method="numpy", batch_size=32, epochs=20), iris()),
    "iris in batches converges": (Experiment(method="module", batch_size=32, tolerance=0.5), iris()),
    "large table": (Experiment(learning_rate=1e-4, epochs=50), large_table()),
    "large table in batches": (Experiment(method="numpy", learning_rate=1e-4, epochs=3, batch_size=100), large_table()),
    "one x": (Experiment(method="numpy", batch_size=4, epochs=5), one_x()),
    "one x converges": (Experiment(batch_size=4, tolerance=0.1), one_x()),
    **{
        f"{shape}, {'x and y' if scaled == 'xy' else scaled} standardised": (
            Experiment(shape=shape, standardize=scaled, epochs=50, method=method),
            None,
        )
        for shape in ("line", "curve", "outliers", "fan", "groups")
        for scaled, method in (("none", "module"), ("x", "autograd"), ("xy", "numpy"))
    },
    **{
        f"{share:g} for validation, {method}, batches of {size}": (
            Experiment(validation=share, method=method, batch_size=size, standardize="x", epochs=20, n=53),
            None,
        )
        for share in (0.0, 0.37, 0.5)
        for method in ("numpy", "loss_fn")
        for size in (None, 16)
    },
    "nothing to validate on, diverges": (
        Experiment(validation=0.0, method="numpy", batch_size=16, learning_rate=1000.0, tolerance=1e-9),
        None,
    ),
    "equal y standardised": (
        Experiment(true_b=0.1, true_w=0.0, noise=0.0, standardize="xy", epochs=20, method="numpy"),
        None,
    ),
    "iris standardised": (SCALED, scaled(iris(), "x")),
    "large table standardised, in batches": (
        Experiment(method="numpy", epochs=3, batch_size=100),
        scaled(large_table(), "xy"),
    ),
    "far": (Experiment(method="numpy", batch_size=1, learning_rate=340.0, epochs=1), far_validation()),
    "too far": (Experiment(method="numpy", batch_size=1, learning_rate=400.0, epochs=1), far_validation()),
}


@pytest.fixture(autouse=True)
def _threads_as_before():
    """A program that is run in this process leaves torch on one thread."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> dict[str, str]:
    programs = {name: [make_program(experiment, dataset).text] for name, (experiment, dataset) in CASES.items()}
    return printed_by(programs, tmp_path_factory.mktemp("empty"))


def last_record(experiment, dataset=None) -> dict[str, float]:
    *_, last = train(experiment, dataset)
    return {"epoch": last.epoch, "b": last.b, "w": last.w, "loss": last.loss}


def run_here(program) -> dict[str, float]:
    """What the program prints when it is run in this process."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), np.errstate(over="ignore", invalid="ignore"):
        exec(program.text, {})
    return numbers(out.getvalue())


@pytest.mark.parametrize("name", CASES)
def test_a_program_without_this_project_ends_at_the_numbers_of_the_engine_to_the_last_bit(printed, name):
    experiment, dataset = CASES[name]
    found = numbers(printed[name])
    assert {key: found[key] for key in ("epoch", "b", "w", "loss")} == last_record(experiment, dataset)
    names = ["epoch", "b", "w", "loss", "intercept", "slope"]
    if "standardised" in make_program(experiment, dataset).about:
        names += ["b in units of the data", "w in units of the data"]
        points = make_dataset(experiment) if dataset is None else dataset
        assert (found[names[-2]], found[names[-1]]) == points.original(found["b"], found["w"])
    assert list(found) == names


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("method", methods)
def test_the_bits_are_the_same_on_however_many_threads_the_caller_computes(printed, method, threads):
    torch.set_num_threads(threads)
    experiment, _ = CASES[f"{method}, many points"]
    found = numbers(printed[f"{method}, many points"])
    assert {key: found[key] for key in ("epoch", "b", "w", "loss")} == last_record(experiment)
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("name", ["autograd", "numpy, batches of 16, sum", "iris, module"])
def test_a_program_shows_the_line_of_scikit_learn_beside_its_own(printed, name):
    experiment, dataset = CASES[name]
    dataset = dataset or make_dataset(experiment)
    slope, intercept = np.polyfit(dataset.x_train[:, 0], dataset.y_train[:, 0], 1)
    found = numbers(printed[name])
    assert (found["intercept"], found["slope"]) == pytest.approx((intercept, slope), rel=1e-9)


def test_the_cases_end_in_every_way_and_some_at_the_record_before():
    ends = {name: (run := train(*case), [*run][-1], run.stop) for name, case in CASES.items() if case[0].n <= 1000}
    reasons = {name: stop.reason for name, (_, _, stop) in ends.items()}
    assert set(reasons.values()) == {StopReason.FINISHED, StopReason.CONVERGED, StopReason.DIVERGED}
    for name, reason in reasons.items():
        assert (reason is StopReason.CONVERGED) == ("converges" in name), name
        assert (reason is StopReason.DIVERGED) == ("diverge" in name or "far" in name), name
    left_out = {name for name, (_, last, stop) in ends.items() if stop.epoch == last.epoch + 1}
    assert left_out >= {"too far", *(f"{method} diverges at 1000, batches of 1" for method in methods)}
    assert not left_out & {"far", *(f"{method} diverges at 2" for method in methods)}


def test_a_file_is_run_as_it_is_and_says_what_it_found(tmp_path):
    experiment = Experiment(method="module", optimizer="adam", batch_size=16, epochs=30)
    file = tmp_path / "program.py"
    file.write_text(make_program(experiment).text, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-I", "program.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    found = numbers(ran.stdout)
    assert {key: found[key] for key in ("epoch", "b", "w", "loss")} == last_record(experiment)
    assert list(tmp_path.iterdir()) == [file]


@settings(max_examples=60)
@given(experiments(), st.sampled_from([None, 1, 3, 16]), st.integers(10, 200), st.floats(-4, 3), st.data())
def test_a_program_agrees_with_the_engine_whatever_the_experiment(experiment, batch_size, n, power, data):
    experiment = replace(
        experiment,
        n=n,
        batch_size=batch_size,
        epochs=8,
        device="cpu",
        learning_rate=min(10.0**power, 1000.0),
        schedule=data.draw(schedules(8)),
        moved=data.draw(moves(n, 1000.0)),
    )
    found = run_here(make_program(experiment))
    assert {key: found[key] for key in ("epoch", "b", "w", "loss")} == last_record(experiment)


@settings(max_examples=30)
@given(
    st.sampled_from(methods),
    st.sampled_from([None, 2]),
    st.none() | within(0, 1e6),
    st.lists(st.tuples(within(-1e9, 1e9), within(-1e9, 1e9)), min_size=2, max_size=12),
)
def test_a_program_agrees_with_the_engine_whatever_the_points(method, batch_size, tolerance, points):
    x, y = zip(*points, strict=True)
    dataset = Dataset(x[1:], y[1:], x[:1], y[:1])
    experiment = Experiment(method=method, batch_size=batch_size, tolerance=tolerance, epochs=4)
    found = run_here(make_program(experiment, dataset))
    assert {key: found[key] for key in ("epoch", "b", "w", "loss")} == last_record(experiment, dataset)


@pytest.mark.parametrize(("method", "optimizer"), PAIRINGS)
@pytest.mark.parametrize("batch_size", [None, 16])
def test_a_program_changes_its_rate_and_starts_where_it_is_told(method, optimizer, batch_size):
    experiment = Experiment(
        method=method,
        optimizer=optimizer,
        batch_size=batch_size,
        learning_rate=0.02,
        epochs=40,
        start_w=-1.5,
        schedule=[(1, 0.05), (20, 0.001)],
        moved=[(17, 0.5, 3.2), (100, 2.0, -1.0)],
    )
    found = run_here(make_program(experiment))
    assert {key: found[key] for key in ("epoch", "b", "w", "loss")} == last_record(experiment)


def test_a_program_of_plain_runs_says_nothing_of_schedules_starts_and_moved_points():
    text = make_program(Experiment()).text
    assert not any(word in text for word in ("schedule", "start_b", "start_w", "moved"))


def points_of(program) -> dict[str, np.ndarray]:
    names: dict = {}
    exec(f"{program.imports}\n{program.data}", names)
    return {name: names[name] for name in PARTS}


@pytest.mark.parametrize("seed", [0, 42])
def test_a_program_draws_the_points_by_the_legacy_recipe(seed):
    program = make_program(Experiment(seed=seed, n=33, noise=0.5, true_b=-1.0, true_w=7.0))
    for found, expected in zip(points_of(program).values(), noisy_line(33, 0.5, -1.0, 7.0, seed), strict=True):
        assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("size", [5, MOST_WRITTEN_OUT, MOST_WRITTEN_OUT + 1])
def test_the_points_of_a_table_are_in_the_program_to_the_last_bit(size):
    random = np.random.default_rng(size)
    values = random.normal(size=(2, size)) * 10.0 ** random.integers(-300, 8, size=(2, size))
    values[:, 0] = -0.0, 5e-324
    x, y = values
    cut = size * 4 // 5
    dataset = Dataset(x[:cut], y[:cut], x[cut:], y[cut:])
    program = make_program(Experiment(), dataset)
    for name, found in points_of(program).items():
        assert found.tobytes() == getattr(dataset, name).tobytes()
        assert found.shape == getattr(dataset, name).shape
        assert found.dtype == np.float64
        assert found.flags.writeable
    assert ("base64" in program.text) == (size > MOST_WRITTEN_OUT)
    assert (str(x[1]) in program.data) == (size <= MOST_WRITTEN_OUT)
    assert max(map(len, program.text.splitlines())) <= 120


@pytest.mark.parametrize(
    "name",
    [
        "petal width",
        "Länge in µm",
        "x\nimport os",
        "x\r\x0b\x0c\x1c\x85\u2028\u2029y",
        "'''\"\"\"\\",
        "\\N{BULLET}\\u2028\\",
        "# coding: utf-16",
        "\0",
        "\ud800",
        "{x} %s",
        "y" * 10_000,
    ],
    ids=ascii,
)
@pytest.mark.parametrize("copies", [1, 100])
def test_a_column_may_have_any_name(name, copies):
    x = np.arange(30.0 * copies)
    dataset = Dataset(x, x, x, x, x_name=name, y_name=name[::-1])
    program = make_program(Experiment(), dataset)
    plain = make_program(Experiment(), replace(dataset, x_name="x", y_name="y"))
    assert ast.dump(ast.parse(program.text.encode())) == ast.dump(ast.parse(plain.text))
    assert len(program.text.splitlines()) == len(plain.text.splitlines())
    assert max(map(len, program.text.splitlines())) < 250


def test_the_points_of_a_table_are_introduced_by_the_names_of_its_columns():
    assert make_program(Experiment(), iris()).data.startswith(
        "# 120 points to train on and 30 to validate: x is 'petal_width', y is 'petal_length'\nx_train = np.array(["
    )


def all_programs():
    return [pytest.param(make_program(*case), id=name) for name, case in CASES.items() if case[0].n <= 1000]


@pytest.mark.parametrize("program", all_programs())
def test_a_program_is_flat_and_imports_nothing_of_this_project(program):
    tree = ast.parse(program.text)
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= {"numpy", "torch", "sklearn", "base64", "zlib"}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    assert [node.name for node in classes] in ([], ["Line"])
    flat = [node for statement in tree.body if statement not in classes for node in ast.walk(statement)]
    names = {node.id for node in flat if isinstance(node, ast.Name)}
    assert not names & {"self", "experiment", "dataset", "Landscape", "core"}
    assert ast.get_docstring(tree).startswith("Learn a line from ")
    assert not any(isinstance(node, ast.arg) and node.annotation for node in ast.walk(tree))


def test_programs_have_no_unused_imports_long_lines_or_odd_names(tmp_path):
    for number, program in enumerate(all_programs()):
        (tmp_path / f"program_{number}.py").write_text(program.values[0].text, encoding="utf-8")
    rules = "A,B,C4,E,F,I,N,PIE,SIM,UP,W"
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--line-length=120",
        "--select",
        rules,
    ]
    ran = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize(
    ("method", "steps"),
    [
        (
            "numpy",
            """
            # 1 forward
            yhat = b + w * x
            # 2 loss
            error = yhat - y
            loss = (error ** 2).mean()
            # 3 backward
            b_grad = 2 * error.mean()
            w_grad = 2 * (x * error).mean()
            # 4 update
            b = b - lr * b_grad
            w = w - lr * w_grad
            """,
        ),
        (
            "autograd",
            """
            # 1 forward
            yhat = b + w * x
            # 2 loss
            error = yhat - y
            loss = (error ** 2).mean()
            # 3 backward
            loss.backward()
            # 4 update
            with torch.no_grad():
                b -= lr * b.grad
                w -= lr * w.grad
            b.grad.zero_()
            w.grad.zero_()
            """,
        ),
        (
            "module",
            """
            # 1 forward
            yhat = model(x)
            # 2 loss
            loss = loss_fn(yhat, y)
            # 3 backward
            loss.backward()
            # 4 update
            optimizer.step()
            optimizer.zero_grad()
            """,
        ),
    ],
)
def test_the_four_steps_are_written_as_a_student_writes_them(method, steps):
    expected = [line[8:] for line in steps.strip("\n").splitlines()[:-1]]
    loop = make_program(Experiment(method=method)).loop.splitlines()
    assert [line for line in loop if line in expected] == expected


def test_sum_and_batches_are_written_into_the_steps():
    loop = make_program(Experiment(method="numpy", reduction="sum", batch_size=16)).loop
    for line in (
        "yhat = b + w * x[batch]",
        "error = yhat - y[batch]",
        "loss = (error ** 2).sum()",
        "w_grad = 2 * (x[batch] * error).sum()",
        "batch = order[start:start + batch_size]",
    ):
        assert f"        {line}\n" in loop
    assert "mean" not in loop.replace("(y_train ** 2).mean()", "")


class Changed(WithAutograd):
    def forward(self, x):
        """A docstring, which no program needs."""
        halved = x / 2  # nor a comment
        return self.b + 2 * self.w * halved


def test_a_step_that_is_changed_changes_the_program(monkeypatch):
    monkeypatch.setitem(METHOD_CLASSES, "autograd", Changed)
    loop = make_program(Experiment()).loop
    assert "    # 1 forward\n    halved = x / 2\n    yhat = b + 2 * w * halved\n    # 2 loss\n" in loop
    assert "docstring" not in loop


def test_an_optimizer_that_is_changed_changes_engine_and_program(monkeypatch):
    before = last_record(Experiment(method="optimizer", epochs=20))
    monkeypatch.setitem(RULES, "sgd", (torch.optim.Adam, {"betas": (0.8, 0.9), "amsgrad": True}))
    experiment = Experiment(method="optimizer", epochs=20)
    program = make_program(experiment)
    assert "optimizer = torch.optim.Adam([b, w], lr=lr, betas=(0.8, 0.9), amsgrad=True)" in program.start
    found = run_here(program)
    assert {key: found[key] for key in before} == last_record(experiment) != before


def test_what_an_experiment_does_without_is_not_mentioned():
    text = make_program(Experiment()).text
    for word in ("tolerance", "batch", "device", ".to(", "loss_over", "nn", "base64", "optimizer ="):
        assert word not in text
    assert "torch" not in make_program(Experiment(method="numpy")).text
    assert "seed = 5" in make_program(Experiment(seed=5), iris()).start
    assert "seed =" not in make_program(Experiment(seed=5)).start


@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize("method", methods[1:])
def test_a_device_is_where_everything_is_computed(method, batch_size):
    experiment = Experiment(method=method, batch_size=batch_size, device="cuda:1", epochs=20)
    program = make_program(experiment)
    assert program.start.count("device") == 1 + 4
    assert 'device = "cuda:1"\n' in program.start
    assert program.loop.count(".to(device)") == (batch_size is not None)
    # Here is no such device; the same program on another one that is.
    moved = replace(program, start=program.start.replace('"cuda:1"', '"cpu"'))
    found = run_here(moved)
    assert {key: found[key] for key in ("epoch", "b", "w", "loss")} == last_record(replace(experiment, device="cpu"))


@pytest.mark.parametrize("case", ["numpy", "module", "module, batches of 16, mean", "iris, autograd"])
def test_the_parts_run_one_after_the_other_and_any_of_them_again(case, capsys):
    experiment, dataset = CASES[case]
    program = make_program(experiment, dataset)
    names: dict = {}
    parts = [program.imports, program.data, program.start, program.loop, program.result]
    for part in parts:
        assert part == part.strip("\n")
        exec(part, names)
    first = capsys.readouterr().out
    assert [names[f"final_{key}"] for key in ("epoch", "b", "w", "loss")] == list(last_record(*CASES[case]).values())
    assert [names["b"].item(), names["w"].item()] == [names["final_b"], names["final_w"]]
    for part in parts[2:]:
        exec(part, names)
    assert capsys.readouterr().out == first


@pytest.mark.parametrize("case", ["numpy, sum", "autograd", "module with adam", "iris, optimizer"])
def test_a_loop_that_is_run_again_trains_on(case, capsys):
    experiment, dataset = CASES[case]
    program = make_program(experiment, dataset)
    names: dict = {}
    for part in (program.imports, program.data, program.start, program.loop, program.loop, program.result):
        exec(part, names)
    found, twice = (
        numbers(capsys.readouterr().out),
        last_record(replace(experiment, epochs=2 * experiment.epochs), dataset),
    )
    assert [found[key] for key in ("b", "w", "loss")] == [twice[key] for key in ("b", "w", "loss")]


def test_the_docstring_says_what_is_computed_and_how_to_run_it():
    experiment = Experiment(method="optimizer", optimizer="momentum", batch_size=16, epochs=1, learning_rate=1e-5)
    lines = make_program(experiment).text.splitlines()
    assert " ".join(lines[:2]) == (
        '"""Learn a line from 100 noisy points: method optimizer, optimizer momentum, learning rate 1e-05, 1 epoch, '
        "batches of 16."
    )
    assert ast.get_docstring(ast.parse(make_program(Experiment(method="numpy"), iris()).text)) == (
        "Learn a line from the 150 points of a table: method numpy, optimizer sgd, learning rate 0.1, 1000 epochs.\n\n"
        "Run it with `python program.py`. It needs numpy and scikit-learn."
    )
