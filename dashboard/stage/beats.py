"""The four beats of an epoch in numbers: the lines that stand beside the code of each step."""

from __future__ import annotations

from core import Epoch, Experiment, History
from dashboard.shared.numerals import MINUS, counted, entries, number, operand

__all__ = ["Line", "beats"]

Line = tuple[str, str]
"""A colour's role and a text."""


def beats(epoch: Epoch, experiment: Experiment, history: History) -> dict[str, list[Line]]:
    """The lines that stand beside the code of each step."""
    batch = f"batch 1 of {epoch.batches}: {counted(epoch.points)}" if epoch.batches > 1 else ""
    gradient = "{}_grad" if experiment.method == "numpy" else "{}.grad"
    lines: dict[str, list[Line]] = {
        "forward": [("line", f"yhat {entries(epoch.yhat)}")],
        "loss": [("loss", f"error {entries(epoch.error)}"), ("loss", f"loss {number(epoch.loss)}")],
        "backward": [
            ("gradient", f"{gradient.format(role)} = {number(value)}")
            for role, value in zip(("b", "w"), epoch.gradient, strict=True)
        ],
        "update": update(epoch, gradient),
    }
    if batch:
        lines["forward"].insert(0, ("muted", batch))
        if epoch.epoch + 1 < len(history):
            record = history[epoch.epoch + 1]
            others = "1 more batch makes" if epoch.batches == 2 else f"{epoch.batches - 1} more batches make"
            lines["update"].append(("muted", f"{others} b {number(record.b)}, w {number(record.w)}"))
    return lines


def squared(value: float) -> str:
    """The square as a term: what has a sign or a power of ten is put in brackets."""
    text = number(value)
    return f"({text})²" if text.startswith(MINUS) or "e" in text else f"{text}²"


def update(epoch: Epoch, gradient: str) -> list[Line]:
    """The update written out with the numbers of the moment, for b and for w."""
    lines: list[Line] = []
    rate, settings = f"{epoch.learning_rate:g}".replace("-", MINUS), epoch.settings
    eps = f"{settings['eps']:g}".replace("-0", MINUS).replace("-", MINUS) if "eps" in settings else ""
    for i, name in enumerate(("b", "w")):
        old, grad, new = epoch.before[i], epoch.gradient[i], number(epoch.after[i])
        state = {key: (epoch.state[key][i], epoch.new_state[key][i]) for key in epoch.state}
        match epoch.optimizer:
            case "momentum":
                before, after = state["momentum_buffer"]
                lines.append(
                    (name, f"v = {settings['momentum']:g} × {operand(before)} + {operand(grad)} = {number(after)}")
                )
                step = f"{rate} × {operand(after)}"
            case "rmsprop":
                before, after = state["square_avg"]
                kept = settings["alpha"]
                lines.append(
                    (name, f"s = {kept:g} × {number(before)} + {1 - kept:g} × {squared(grad)} = {number(after)}")
                )
                step = f"{rate} × {operand(grad)} / (√{number(after)} + {eps})"
            case "adam":
                (m0, m), (v0, v) = state["exp_avg"], state["exp_avg_sq"]
                beta1, beta2 = settings["betas"]
                mean = f"{beta1:g} × {operand(m0)} + {1 - beta1:.3g} × {operand(grad)}"
                square = f"{beta2:g} × {number(v0)} + {1 - beta2:.3g} × {squared(grad)}"
                lines += [(name, f"m = {mean} = {number(m)}"), (name, f"v = {square} = {number(v)}")]
                # Both means start at 0, which their first few values have to be freed from.
                m_hat, v_hat = m / (1 - beta1**epoch.updates), v / (1 - beta2**epoch.updates)
                step = f"{rate} × {operand(m_hat)} / (√{number(v_hat)} + {eps})"
            case _:
                step = f"{rate} × {operand(grad)}"
        lines.append((name, f"{name} = {number(old)} − {step} = {new}"))
    if epoch.cleared:
        lines.append(("gradient", f"{gradient.format('b')}, {gradient.format('w')} → {epoch.cleared}"))
    return lines
