"""The data sets that come along: scikit-learn's own numbers, and what each is there to show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_linnerud, load_wine

from core import Experiment, Landscape, StopReason, train
from core.data.tables import SHIPPED, shipped_table

ROOT = Path(__file__).parents[3]


def slope(rows: np.ndarray) -> float:
    return float(np.polyfit(rows[:, 0], rows[:, 1], 1)[0])


def test_wines_are_those_of_scikit_learn_with_proline_and_alcohol_first():
    table, wine = shipped_table("wine"), load_wine()
    names = [name.replace("od280/od315_of_diluted_wines", "od280_od315") for name in wine.feature_names]
    assert table.numeric_columns()[:2] == ["proline", "alcohol"]
    assert sorted(table.numeric_columns()) == sorted(names)
    assert np.array_equal(np.hstack([table.column(name) for name in names]), wine.data)
    cultivars = [str(wine.target_names[kind]) for kind in wine.target]
    assert table.grid.columns["cultivar"].to_pylist() == cultivars


def test_men_of_the_fitness_club_are_those_of_scikit_learn_with_chin_ups_and_jumps_first():
    table, linnerud = shipped_table("fitness"), load_linnerud()
    names = [name.lower() for name in (*linnerud.feature_names, *linnerud.target_names)]
    assert table.numeric_columns()[:2] == ["chins", "jumps"]
    assert sorted(table.columns) == sorted(names)
    assert np.array_equal(
        np.hstack([table.column(name) for name in names]), np.hstack([linnerud.data, linnerud.target])
    )


def test_no_learning_rate_that_the_slider_offers_suits_the_wines_and_any_does_once_they_are_standardised():
    dataset = shipped_table("wine").dataset(None, None, Experiment())
    x, smallest, usual = dataset.x_train, 1e-4, Experiment().learning_rate
    run = train(Experiment(learning_rate=smallest, epochs=100), dataset)
    list(run)
    assert run.stop.reason is StopReason.DIVERGED
    assert Landscape.of((x - x.mean()) / x.std(), dataset.y_train).max_learning_rate > 5 * usual


@pytest.mark.parametrize("seed", [42, 1, 2])
def test_one_man_of_the_fitness_club_doubles_the_slope(seed):
    table = shipped_table("fitness")
    rows = np.hstack([table.column("chins"), table.column("jumps")])
    apart = rows[:, 1].argmax()
    assert slope(rows) > 2 * slope(np.delete(rows, apart, axis=0))
    dataset = table.dataset(None, None, Experiment(seed=seed))
    assert rows[apart].tolist() in np.hstack([dataset.x_train, dataset.y_train]).tolist()


@pytest.mark.parametrize("name", SHIPPED)
def test_source_and_licence_of_every_data_set_are_named(name):
    datasets = (ROOT / "core" / "data" / "datasets" / "README.md").read_text(encoding="utf-8")
    assert f"| `{name}` | `{name}.csv` |" in datasets
    assert f"?data={name}" in (ROOT / "README.md").read_text(encoding="utf-8")
