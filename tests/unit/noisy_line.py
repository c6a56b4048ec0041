"""The course's recipe for points along a line, written without the engine."""

from __future__ import annotations

import numpy as np


def noisy_line(n=100, noise=0.1, true_b=1.0, true_w=2.0, seed=42):
    """x_train, y_train, x_val, y_val from NumPy's global stream, which is left as it was found."""
    before = np.random.get_state()
    try:
        np.random.seed(seed)
        x = np.random.rand(n, 1)
        y = true_b + true_w * x + noise * np.random.randn(n, 1)
        shuffled = np.arange(n)
        np.random.shuffle(shuffled)
    finally:
        np.random.set_state(before)
    cut = int(0.8 * n)
    return x[shuffled[:cut]], y[shuffled[:cut]], x[shuffled[cut:]], y[shuffled[cut:]]
