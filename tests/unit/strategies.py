"""Experiments for the property tests, drawn from bounds written here and not read from the engine."""

from __future__ import annotations

from hypothesis import strategies as st

from core import Experiment


def within(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


def schedules(epochs: int) -> st.SearchStrategy[list[tuple[int, float]]]:
    """Some changes of the learning rate within so many epochs."""
    if epochs == 1:
        return st.just([])
    pairs = st.tuples(st.integers(1, epochs - 1), within(1e-15, 1000))
    return st.lists(pairs, max_size=4, unique_by=lambda pair: pair[0]).map(sorted)


def moves(n: int, reach: float = 1e9) -> st.SearchStrategy[list[tuple[int, float, float]]]:
    """Some of n points elsewhere, and perhaps some added."""
    place = st.tuples(within(-reach, reach), within(-reach, reach))
    moved = st.dictionaries(st.integers(0, n - 1), place, max_size=4)
    return st.tuples(moved, st.lists(place, max_size=2)).map(
        lambda both: [(index, *xy) for index, xy in both[0].items()] + [(n + i, *xy) for i, xy in enumerate(both[1])]
    )


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    """Any experiment at all."""
    method = draw(st.sampled_from(["numpy", "autograd", "optimizer", "loss_fn", "module"]))
    by_hand = method in ("numpy", "autograd")
    epochs = draw(st.integers(1, 100_000))
    n = draw(st.integers(10, 1_000_000))
    return Experiment(
        n=n,
        noise=draw(within(0, 10)),
        true_b=draw(within(-100, 100)),
        true_w=draw(within(-100, 100)),
        seed=draw(st.integers(0, 2**32 - 1)),
        method=method,
        optimizer="sgd" if by_hand else draw(st.sampled_from(["sgd", "momentum", "rmsprop", "adam"])),
        reduction=draw(st.sampled_from(["mean", "sum"])),
        learning_rate=draw(within(1e-15, 1000)),
        epochs=epochs,
        batch_size=draw(st.none() | st.integers(1, 1_000_000)),
        device="cpu" if method == "numpy" else draw(st.sampled_from(["cpu", "cuda", "cuda:1", "mps", "xpu:12"])),
        tolerance=draw(st.none() | within(0, 1e6)),
        validation=draw(within(0, 0.5)),
        standardize=draw(st.sampled_from(["none", "x", "xy"])),
        shape=draw(st.sampled_from(["line", "curve", "outliers", "fan", "groups"])),
        start_b=draw(st.none() | within(-1e12, 1e12)),
        start_w=draw(st.none() | within(-1e12, 1e12)),
        schedule=draw(schedules(epochs)),
        moved=draw(moves(n)),
    )
