"""A learning rate that changes in mid-run, and a start that is given, against loops of torch's own."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from bare_steps import MAKERS, PAIRINGS, batches_of
from noisy_line import noisy_line

from core import Experiment, InvalidCombination, StopReason, make_dataset, train
from core.training.four_steps import METHOD_CLASSES

SCHEDULE = {7: 0.05, 8: 0.2, 30: 0.01}
EPOCHS = 45


def bare_numpy(x, y, b, w, batch_size):
    """b and w after every epoch, by hand in float64."""
    b, w, lr = np.array([b]), np.array([w]), 0.1
    for epoch in range(EPOCHS):
        yield b.item(), w.item()
        lr = SCHEDULE.get(epoch, lr)
        for batch in batches_of(epoch, len(x), batch_size, 42):
            error = b + w * x[batch] - y[batch]
            b_grad, w_grad = 2 * error.mean(), 2 * (x[batch] * error).mean()
            b, w = b - lr * b_grad, w - lr * w_grad
    yield b.item(), w.item()


def bare_torch(x, y, b, w, batch_size, optimizer):
    """The same with `torch.optim`, whose `param_groups` are told the new rates."""
    x, y = torch.tensor(x).float(), torch.tensor(y).float()
    b, w = (torch.tensor([value], requires_grad=True) for value in (b, w))
    rule = MAKERS[optimizer]([b, w], lr=0.1)
    for epoch in range(EPOCHS):
        yield b.item(), w.item()
        for group in rule.param_groups:
            group["lr"] = SCHEDULE.get(epoch, group["lr"])
        for batch in batches_of(epoch, len(x), batch_size, 42):
            ((b + w * x[batch] - y[batch]) ** 2).mean().backward()
            rule.step()
            rule.zero_grad()
    yield b.item(), w.item()


@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize(("method", "optimizer"), PAIRINGS)
def test_start_and_schedule_give_the_run_of_an_independent_loop(method, optimizer, batch_size):
    experiment = Experiment(
        method=method,
        optimizer=optimizer,
        batch_size=batch_size,
        epochs=EPOCHS,
        start_b=-0.75,
        start_w=4.5,
        schedule=list(SCHEDULE.items()),
    )
    x, y, _, _ = noisy_line(100, 0.1, 1.0, 2.0, 42)
    start = x, y, -0.75, 4.5, batch_size
    with_torch = method != "numpy"
    expected = list(bare_torch(*start, optimizer) if with_torch else bare_numpy(*start))
    found = [(record.b, record.w) for record in train(experiment)]
    assert found == pytest.approx(np.array(expected), rel=1e-5 if with_torch else 1e-12, abs=1e-6 if with_torch else 0)
    # Where the update is torch's own there is no difference at all.
    if method == "optimizer":
        assert found == expected


@pytest.mark.parametrize("method", list(METHOD_CLASSES))
def test_of_a_start_that_is_half_given_the_other_half_is_drawn_as_ever(method):
    drawn = next(train(Experiment(method=method)))
    b_given, w_given = (next(train(Experiment(method=method, **start))) for start in ({"start_b": 3}, {"start_w": 3}))
    assert (b_given.b, b_given.w) == (3.0, drawn.w)
    assert (w_given.b, w_given.w) == (drawn.b, 3.0)


def test_until_the_change_the_run_is_the_one_without_it():
    plain = list(train(Experiment(epochs=60)))
    changed = list(train(Experiment(epochs=60, schedule=[(50, 0.5)])))
    assert changed[:51] == plain[:51]
    assert changed[51] != plain[51]


def test_the_rate_of_an_update_is_that_of_the_last_change_before_it():
    experiment = Experiment(schedule=[(50, 0.5), (200, 0.05)])
    assert [experiment.rate_at(epoch) for epoch in (0, 49, 50, 199, 200, 999)] == [0.1, 0.1, 0.5, 0.5, 0.05, 0.05]


def test_a_rate_raised_beyond_the_limit_in_mid_run_diverges_then():
    run = train(Experiment(schedule=[(50, 5.0)]))
    *_, last = run
    assert run.stop.reason is StopReason.DIVERGED
    assert 50 < last.epoch < 60


def test_what_a_run_lacks_at_its_end_is_told_by_the_rate_that_it_then_has():
    slow = train(Experiment(epochs=60, schedule=[(1, 1e-5)]))
    for _ in slow:
        pass
    assert "What helps is a learning rate of 0.4" in slow.stop.message
    fast = train(Experiment(epochs=200, learning_rate=1e-5, schedule=[(1, 0.4)]))
    for _ in fast:
        pass
    assert fast.stop.message == "All 200 epochs are trained."


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ([(50, 0.5), (20, 0.1)], "schedule must list every epoch after the one before, but got '50:0.5,20:0.1'."),
        ([(50, 0.5), (50, 0.1)], "schedule must list every epoch after the one before, but got '50:0.5,50:0.1'."),
        ([(0, 0.5)], "EPOCH of schedule must be a whole number from 1 to 99999, but got 0."),
        ([(5, 0)], "RATE of schedule must be a number from 1e-15 to 1000, but got 0."),
        ([(5,)], "schedule must be written as 50:0.5,200:0.1 (EPOCH:RATE, at most 100), or 'none', but got (5,)."),
        (
            [(k, 0.1) for k in range(1, 102)],
            "schedule must be written as 50:0.5,200:0.1 (EPOCH:RATE, at most 100), or 'none', but got 101 of them.",
        ),
    ],
)
def test_a_schedule_that_makes_no_sense_gets_a_sentence(schedule, words):
    with pytest.raises(ValueError, match="schedule") as refusal:
        Experiment(schedule=schedule)
    assert str(refusal.value) == words


def test_a_change_after_the_last_update_is_refused_with_what_helps():
    with pytest.raises(InvalidCombination, match="at epoch 1000, but the last update comes before epoch 1000: raise"):
        Experiment(schedule=[(1000, 0.5)])
    assert Experiment(schedule=[(999, 0.5)]).rate_at(999) == 0.5


@pytest.mark.parametrize("start", [{"start_b": 1e12}, {"start_w": -1e12}, {"start_b": 1e12, "start_w": 1e12}])
def test_a_start_whose_loss_is_no_number_of_float32_is_refused_with_where_the_minimum_is(start):
    far = make_dataset(Experiment(n=10))
    far = type(far)(far.x_train * 1e9, far.y_train, far.x_val, far.y_val)
    if "start_w" in start:
        with pytest.raises(ValueError, match=r"the loss is no number of float32: start nearer to b \S+, w \S+\.$"):
            train(Experiment(**start), far)
    else:
        assert next(train(Experiment(**start), far)).b == np.float32(1e12)


def test_a_start_far_outside_is_a_run_like_any_other():
    records = list(train(Experiment(start_b=1e6, start_w=-1e6, learning_rate=0.4, epochs=300)))
    assert (records[0].b, records[0].w) == (1e6, -1e6)
    assert (records[-1].b, records[-1].w) == pytest.approx((1.023, 1.969), abs=0.1)


def cli(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "core", *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def test_the_command_line_takes_start_and_schedule_and_agrees_with_the_engine():
    ran = cli("--start-b", "1", "--start-w", "-1", "--schedule", "5:0.5,8:0.1", "--epochs", "12")
    expected = list(train(Experiment(start_b=1, start_w=-1, schedule=[(5, 0.5), (8, 0.1)], epochs=12)))
    rows = [tuple(map(float, line.split(","))) for line in ran.stdout.splitlines()[1:]]
    assert rows == [tuple(map(float, record)) for record in expected]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--schedule", "50:0.5,20:0.1"),
        ("--schedule", "5000:0.5"),
        ("--start-b", "1e300"),
        ("--start-w", "inf"),
        ("--moved", "500:1:1"),
        ("--moved", "1:inf:1"),
        ("--moved", ",".join(f"{index}:0:0" for index in range(1000))),
    ],
)
def test_the_command_line_refuses_what_makes_no_sense_in_one_line(arguments):
    ran = cli(*arguments)
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (2, "", 1)
