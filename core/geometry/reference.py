"""The sanity check of the course: the same line found by scikit-learn, without any descent."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sklearn.linear_model import LinearRegression

from core.data import Dataset

__all__ = ["fit_line", "least_squares"]

_found: WeakKeyDictionary[Dataset, tuple[float, float]] = WeakKeyDictionary()


def fit_line(dataset: Dataset) -> tuple[float, float]:
    """Intercept b and slope w that `sklearn.linear_model.LinearRegression` fits to the training points."""
    line = LinearRegression().fit(dataset.x_train, dataset.y_train)
    return float(line.intercept_[0]), float(line.coef_[0, 0])


def least_squares(dataset: Dataset) -> tuple[float, float]:
    """`fit_line`, asked once for a dataset, its answer kept for as long as that is."""
    if dataset not in _found:
        _found[dataset] = fit_line(dataset)
    return _found[dataset]
