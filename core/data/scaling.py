"""Standardised columns: each minus its mean, over its standard deviation, both of the training points alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.data.dataset import MAX_MAGNITUDE, Column, Dataset
from core.parameters import shorten

__all__ = ["in_words", "scaled", "standardized"]


def standardized(x_train: Column, x_val: Column) -> tuple[Column, Column, float, float]:
    """x in standard deviations (population, ddof 0) from its mean; and these two numbers. The same is done to y.

    Where all x are equal, their deviation is taken as 1. Their mean is then any of them: that of the sum may be off by
    rounding, and so may the deviation, which would pass for a spread.
    """
    x_mean, x_std = x_train.mean(), x_train.std()
    if np.ptp(x_train) == 0:
        x_mean, x_std = x_train.min(), 1.0
    x_train = (x_train - x_mean) / x_std
    x_val = (x_val - x_mean) / x_std
    return x_train, x_val, float(x_mean), float(x_std)


def in_words(standardize: str) -> str:
    """`x and y standardised`; empty for neither."""
    columns = " and ".join(letter for letter in "xy" if letter in standardize)
    return f"{columns} standardised" if columns else ""


def scaled(dataset: Dataset, standardize: str) -> Dataset:
    """The dataset with x, or x and y, standardised as `Experiment.standardize` says.

    Raises:
        ValueError: if points held out are too far from the training points for their spread.
    """
    made = dataset
    if "x" in standardize:
        x_train, x_val, mean, std = standardized(dataset.x_train, dataset.x_val)
        made = replace(
            made, x_train=x_train, x_val=_bounded(x_val, dataset.x_name), x_mean=mean, x_std=std, unscaled=dataset
        )
    if "y" in standardize:
        y_train, y_val, mean, std = standardized(dataset.y_train, dataset.y_val)
        made = replace(
            made, y_train=y_train, y_val=_bounded(y_val, dataset.y_name), y_mean=mean, y_std=std, unscaled=dataset
        )
    return made


def _bounded(held_out: Column, name: str) -> Column:
    if (np.abs(held_out) <= MAX_MAGNITUDE).all():
        return held_out
    raise ValueError(
        f"Standardised by the training points, values of {shorten(name)} held out lie beyond ±{MAX_MAGNITUDE:g}: "
        "set validation to 0, or take another seed."
    )
