"""The sanity check of the course: the same line found by scikit-learn, without any descent."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sklearn.linear_model import LinearRegression

from core.data import Dataset

__all__ = ["least_squares"]

_found: WeakKeyDictionary[Dataset, tuple[float, float]] = WeakKeyDictionary()


def least_squares(dataset: Dataset) -> tuple[float, float]:
    """Intercept b and slope w that `sklearn.linear_model.LinearRegression` fits to the training points.

    It is asked once for a dataset, and its answer kept for as long as that is.
    """
    line = _found.get(dataset)
    if line is None:
        fit = LinearRegression().fit(dataset.x_train, dataset.y_train)
        line = _found[dataset] = float(fit.intercept_[0]), float(fit.coef_[0, 0])
    return line
