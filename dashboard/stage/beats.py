"""The four beats of an epoch in numbers: the lines that stand beside the code of each step."""

from __future__ import annotations

from core import Epoch, Experiment, History
from dashboard.stage.lines import Line, Part, line, number, operand, setting, square, tensor

__all__ = ["beats"]


def beats(epoch: Epoch, experiment: Experiment, history: History) -> dict[str, list[Line]]:
    """The lines that stand beside the code of each step."""
    gradient = "{}_grad" if experiment.method == "numpy" else "{}.grad"
    lines = {
        "forward": [line("line", "yhat ", tensor(epoch.yhat))],
        "loss": [line("loss", "error ", tensor(epoch.error)), line("loss", "loss ", number(epoch.loss))],
        "backward": [
            line("gradient", f"{gradient.format(role)} = ", number(value))
            for role, value in zip(("b", "w"), epoch.gradient, strict=True)
        ],
        "update": update(epoch, gradient),
    }
    if epoch.batches > 1:
        points = f" point{'' if epoch.points == 1 else 's'}"
        batch = line("muted", "batch 1 of ", number(epoch.batches), ": ", number(epoch.points), points)
        lines["forward"].insert(0, batch)
        if epoch.epoch + 1 < len(history):
            record, others = history[epoch.epoch + 1], epoch.batches - 1
            more = " more batch makes b " if others == 1 else " more batches make b "
            result = line("muted", number(others), more, number(record.b), ", w ", number(record.w))
            lines["update"].append(result)
    return lines


def update(epoch: Epoch, gradient: str) -> list[Line]:
    """The update written out with the numbers of the moment, for b and for w."""
    lines: list[Line] = []
    rate, settings = setting(epoch.learning_rate), epoch.settings
    for i, name in enumerate(("b", "w")):
        grad = epoch.gradient[i]
        state = {key: (epoch.state[key][i], epoch.new_state[key][i]) for key in epoch.state}
        step: list[Part]
        match epoch.optimizer:
            case "momentum":
                before, after = state["momentum_buffer"]
                kept = setting(settings["momentum"])
                lines.append(
                    line(name, "v = ", kept, " × ", operand(before), " + ", operand(grad), " = ", number(after))
                )
                step = [operand(after)]
            case "rmsprop":
                before, after = state["square_avg"]
                lines.append(line(name, "s = ", *mean(settings["alpha"], number(before), square(grad)), number(after)))
                step = [operand(grad), *over_root(after, settings["eps"])]
            case "adam":
                (m0, m), (v0, v) = state["exp_avg"], state["exp_avg_sq"]
                beta1, beta2 = settings["betas"]
                lines.append(line(name, "m = ", *mean(beta1, operand(m0), operand(grad)), number(m)))
                lines.append(line(name, "v = ", *mean(beta2, number(v0), square(grad)), number(v)))
                # Both means start at 0, which their first few values have to be freed from.
                m_hat, v_hat = m / (1 - beta1**epoch.updates), v / (1 - beta2**epoch.updates)
                step = [operand(m_hat), *over_root(v_hat, settings["eps"])]
            case _:
                step = [operand(grad)]
        old, new = number(epoch.before[i]), number(epoch.after[i])
        lines.append(line(name, f"{name} = ", old, " − ", rate, " × ", *step, " = ", new))
    if epoch.cleared:
        lines.append(line("gradient", f"{gradient.format('b')}, {gradient.format('w')} → {epoch.cleared}"))
    return lines


def mean(kept: float, before: Part, new: Part) -> list[Part]:
    """A running mean that keeps so much of what it was: `0.9 × before + 0.1 × new = `."""
    return [setting(kept), " × ", before, " + ", setting(1 - kept), " × ", new, " = "]


def over_root(mean_square: float, eps: float) -> list[Part]:
    return [" / (√", number(mean_square), " + ", setting(eps), ")"]
