"""What the live stage is measured against: a plain Streamlit script that trains and redraws three charts in a loop.

The figures are the lab's own (`dashboard.stage.figures`), with the same traces moved to every epoch; the loop trains
one epoch, redraws the three, and goes on at once. A chart's title says which epoch it shows.
"""

from itertools import count

import plotly.graph_objects as go
import streamlit as st

from core import Experiment, History, make_dataset, train
from dashboard.stage.figures import make_figures
from dashboard.stage.view import View

HEIGHT = 230  # as on the stage at 1280 × 720, so that all three are in view

experiment = Experiment(epochs=100_000)
dataset = make_dataset(experiment)
records = train(experiment, dataset)
history = History([next(records)])
described = make_figures(View.of(experiment, dataset))
figures = {name: go.Figure(figure).update_layout(template="none") for name, figure in described.items()}


def show(figure: go.Figure, name: str, k: int) -> None:
    """Move the traces that follow the run to epoch k."""
    # The data are not scaled: in the units of the data, a column is what it is.
    columns = history.columns()
    columns |= {f"original_{name}": column for name, column in columns.items()}
    row = history[k]._asdict()
    row |= {f"original_{name}": value for name, value in row.items()}
    for trace in figure.data:
        rule = trace.meta or {}
        match rule.get("follow"):
            case "affine":
                trace.y = [
                    None if x is None else row["b"] + row["w"] * x if fixed is None else fixed
                    for x, fixed in zip(trace.x, rule["fixed"], strict=True)
                ]
            case "history":
                trace.x, trace.y = columns[rule["x"]], columns[rule["y"]]
            case "point":
                trace.x, trace.y = [row[rule["x"]]], [row[rule["y"]]]
            case "step" if k:
                trace.x, trace.y = columns[rule["x"]][-2:], columns[rule["y"]][-2:]
    figure.update_layout(title_text=f"{name} {k}", height=HEIGHT, margin_t=30)


st.set_page_config(layout="wide")
left, right = st.columns(2)
places = {"data": left.empty(), "surface": right.empty(), "loss": left.empty()}
for epoch in count():
    for name, place in places.items():
        show(figures[name], name, epoch)
        place.plotly_chart(figures[name], theme=None, config={"displayModeBar": False})
    record = next(records, None)
    if record is None:
        break
    history.append(record)
