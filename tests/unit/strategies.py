"""Experiments for the property tests, drawn from bounds written here and not read from the engine."""

from __future__ import annotations

from hypothesis import strategies as st

from core import Experiment


def within(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    """Any experiment at all."""
    method = draw(st.sampled_from(["numpy", "autograd", "optimizer", "loss_fn", "module"]))
    by_hand = method in ("numpy", "autograd")
    return Experiment(
        n=draw(st.integers(10, 1_000_000)),
        noise=draw(within(0, 10)),
        true_b=draw(within(-100, 100)),
        true_w=draw(within(-100, 100)),
        seed=draw(st.integers(0, 2**32 - 1)),
        method=method,
        optimizer="sgd" if by_hand else draw(st.sampled_from(["sgd", "momentum", "rmsprop", "adam"])),
        reduction=draw(st.sampled_from(["mean", "sum"])),
        learning_rate=draw(within(1e-15, 1000)),
        epochs=draw(st.integers(1, 100_000)),
        batch_size=draw(st.none() | st.integers(1, 1_000_000)),
        device="cpu" if method == "numpy" else draw(st.sampled_from(["cpu", "cuda", "cuda:1", "mps", "xpu:12"])),
        tolerance=draw(st.none() | within(0, 1e6)),
        validation=draw(within(0, 0.5)),
        standardize=draw(st.sampled_from(["none", "x", "xy"])),
        shape=draw(st.sampled_from(["line", "curve", "outliers", "fan", "groups"])),
    )
