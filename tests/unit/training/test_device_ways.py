"""The ways that are measured run the same line, and what takes their time is told apart."""

from __future__ import annotations

import re

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from core import Device
from core.training.devices.measuring import Measurement, Timing, draw_points
from core.training.devices.overtaking import find_overtakings, told
from core.training.devices.ways import Way, find_ways, start
from core.training.devices.words import told_points, told_seconds

CPU = Device("cpu", "CPU")
GPU = Device("cuda", "Some GPU")
BROKEN = Device("xpu", "Intel GPU", "No driver.")


# --- the ways ---------------------------------------------------------------------------------------------


def test_every_device_that_can_train_is_a_way_and_is_compared_with_the_best_of_the_cpu():
    ways = find_ways((CPU, GPU, BROKEN), cores=4)
    assert [way.name for way in ways] == ["numpy", "one-core", "all-cores", "float64", "cuda"]
    assert [way.rival for way in ways] == ["", "numpy", "one-core", "one-core", "all-cores"]
    assert [way.threads for way in ways] == [1, 1, 4, 1, 1]
    assert ways[-1].label == "PyTorch on Some GPU"


def test_a_single_core_is_measured_once():
    ways = find_ways((CPU, GPU), cores=1)
    assert [way.name for way in ways] == ["numpy", "one-core", "float64", "cuda"]
    assert ways[-1].rival == "one-core"


def test_the_ways_run_the_same_line_each_in_its_type():
    points = draw_points(1000)
    ends = []
    for way in find_ways((CPU,), cores=2):
        method = start(way, points)
        assert str(method.x.dtype).removeprefix("torch.") == way.dtype
        for _ in range(3000):
            method.backward(method.loss(method.forward(method.x), method.y))
            method.update()
        ends.append(method.parameters())
    for b, w in ends:  # the notes' line, b = 1 and w = 2, as far as the noise lets it be seen
        assert (b, w) == pytest.approx((1, 2), abs=0.03)
        assert (b, w) == pytest.approx(ends[0], abs=1e-4)


def test_an_epoch_is_some_twenty_operations_as_the_page_says():
    class Counting(TorchDispatchMode):
        count = 0

        def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
            if not torch.jit.is_scripting() and not operation.is_view:
                self.count += 1
            return operation(*args, **(kwargs or {}))

    method = start(Way("one-core", ""), draw_points(10))
    with Counting() as counted:
        method.backward(method.loss(method.forward(method.x), method.y))
        method.update()
    assert 15 <= counted.count <= 25


# --- a device that stands in ------------------------------------------------------------------------------


class Machine:
    """A clock, and a device that computes beside what the CPU does and is waited for only where that is asked."""

    LAUNCH, ANSWER = 10e-6, 20e-6

    def __init__(self) -> None:
        self.now = self.busy_until = 0.0
        self.cpu_work = 1e-9
        """Seconds an operation takes the CPU for each point."""

    def clock(self) -> float:
        return self.now

    def launch(self, work: float) -> None:
        self.now += self.LAUNCH
        self.busy_until = max(self.busy_until, self.now) + work

    def synchronize(self, device: object = None) -> None:
        self.now = max(self.now, self.busy_until)

    def answer(self) -> None:
        self.synchronize()
        self.now += self.ANSWER


class OnTheDevice:
    """The four steps, each an operation that the device is told of and that takes it `work` seconds a point."""

    def __init__(self, machine: Machine, points: int, work: float, bringing: float) -> None:
        self.machine, self.work, self.x, self.y = machine, work * points, None, None
        machine.now += bringing * points

    def step(self, *_: object) -> None:
        self.machine.launch(self.work)

    forward = loss = backward = update = step

    def values(self, loss: object) -> None:
        self.machine.answer()


class OnTheCpu(OnTheDevice):
    """The same computed at once."""

    def step(self, *_: object) -> None:
        self.machine.now += 1e-6 + self.work

    forward = loss = backward = update = step

    def values(self, loss: object) -> None:
        self.machine.now += 1e-7


@pytest.fixture
def machine(monkeypatch):
    """A machine whose GPU is told of its work one by one, and computes it ten times as fast as its CPU."""
    machine = Machine()

    def begin(way, points):
        if way.device == "cpu":
            return OnTheCpu(machine, len(points), machine.cpu_work, 0.0)
        return OnTheDevice(machine, len(points), 1e-10, 1e-9)

    monkeypatch.setattr("core.training.devices.measuring.start", begin)
    monkeypatch.setattr("core.training.devices.measuring.draw_points", range)
    monkeypatch.setattr(torch.accelerator, "synchronize", machine.synchronize)
    return machine


WAYS = (Way("one-core", "one core"), Way("cuda", "a GPU", "one-core", device="cuda"))


def test_waiting_computing_and_copying_are_told_apart(machine):
    timings = {(one.way, one.points): one for one in Measurement(WAYS, (100, 1_000_000), clock=machine.clock)}
    few, many = timings["cuda", 100], timings["cuda", 1_000_000]
    # Four launches that nobody can go before, and an answer; what is computed meanwhile makes nobody wait.
    assert few.waiting == pytest.approx(40e-6, rel=0.01)
    assert few.computing == pytest.approx(0, abs=1e-7)
    assert few.copying == pytest.approx(Machine.ANSWER + 100 * 1e-9 / 1000, rel=0.01)
    # Four operations of 100 µs, beside which all but the first launch are forgotten.
    assert many.seconds == pytest.approx(10e-6 + 400e-6 + 20e-6 + 1e-6, rel=0.05)
    assert many.copying == pytest.approx(20e-6 + 1e-3 / 1000, rel=0.01)
    assert timings["one-core", 1_000_000].seconds == pytest.approx(4e-3, rel=0.01)
    for one in timings.values():
        assert one.seconds == pytest.approx(one.computing + one.copying + one.waiting)
        assert min(one.computing, one.copying, one.waiting) >= 0


def test_the_gpu_loses_with_few_points_and_overtakes_where_its_launches_no_longer_count(machine):
    (found,) = find_overtakings(WAYS, list(Measurement(WAYS, clock=machine.clock)))
    # 4 + 4e-3 n µs on the CPU, about 60 µs until the GPU has something to do: equal at n = 14 000.
    assert found.begins is not None
    assert found.begins.points == pytest.approx(14_000, rel=0.3)
    assert found.begins.seconds == pytest.approx(60e-6, rel=0.3)
    assert found.ends is None
    assert (
        told(found) == f"From about {told_points(float(f'{found.begins.points:.0e}'))} points on, a GPU beats one core."
    )


def test_a_way_that_would_take_more_than_its_share_of_the_time_is_left_out(machine):
    machine.cpu_work = 1e-7
    measurement = Measurement(WAYS, seconds=5.0, clock=machine.clock)
    timings = list(measurement)
    assert machine.now < 6
    largest = {way.name: max(one.points for one in timings if one.way == way.name) for way in WAYS}
    assert largest["one-core"] < largest["cuda"] == 10_000_000
    sentence = re.compile("one core with .+ points or more would take too long here.")
    assert any(map(sentence.fullmatch, measurement.notes))
    assert measurement.total == 2 * 13 > len(timings)


def test_a_way_that_fails_is_left_out_from_there_on_in_a_sentence(monkeypatch, machine):
    def full(self, *_):
        raise RuntimeError("CUDA out of memory. Tried to allocate more.")

    begin = OnTheDevice.step
    monkeypatch.setattr(
        OnTheDevice, "forward", lambda self, *x: full(self) if self.work > 3e-6 and machine.busy_until else begin(self)
    )
    monkeypatch.setattr(OnTheCpu, "forward", OnTheCpu.step)
    measurement = Measurement(WAYS, clock=machine.clock)
    timings = list(measurement)
    assert max(one.points for one in timings if one.way == "cuda") == 30_000
    assert max(one.points for one in timings if one.way == "one-core") == 10_000_000
    assert "a GPU failed with 100\u202f000 points: CUDA out of memory." in measurement.notes


# --- for real ---------------------------------------------------------------------------------------------


def test_what_this_machine_has_is_measured_and_leaves_the_threads_as_they_were():
    before = torch.get_num_threads()
    measurement = Measurement(find_ways(), (10, 3000))
    timings = list(measurement)
    assert [(one.points, one.way) for one in timings] == [(n, way.name) for n in (10, 3000) for way in measurement.ways]
    assert measurement.total == len(timings)
    assert all(one.seconds > 0 and one.waiting > 0 and one.copying > 0 and one.computing >= 0 for one in timings)
    assert torch.get_num_threads() == before


# --- who overtakes whom -----------------------------------------------------------------------------------

PAIR = (Way("a", "A"), Way("b", "B", "a"))


def times(**seconds) -> list[Timing]:
    """Timings of the ways at 10, 100, 1000, …"""
    return [Timing(way, 10 ** (i + 1), one, 0.0, 0.0) for way, many in seconds.items() for i, one in enumerate(many)]


@pytest.mark.parametrize(
    ("b", "sentence"),
    [
        # Equal halfway between two, since there it goes down from 4 to 1/4 of the other.
        ([4, 4, 0.25, 0.25], "From about 300 points on, B beats A."),
        ([0.25, 0.25, 4, 4], "Up to about 300 points, B beats A."),
        ([4, 0.25, 0.25, 4], "Between about 30 and 3\u202f000 points, B beats A."),
        ([0.5, 0.5, 0.5, 0.5], "B beats A at every number of points."),
        ([1.02, 1, 0.97, 1.01], "B takes as long as A with 10\u202f000 points."),
        ([1, 1, 1, 2.5], "B takes 2.5 times as long as A with 10\u202f000 points."),
        ([3, 0.5, 3, 3], "B takes 3 times as long as A with 10\u202f000 points."),  # once is an accident
    ],
)
def test_who_beats_whom_and_from_where_is_said_in_a_sentence(b, sentence):
    (found,) = find_overtakings(PAIR, times(a=[1, 1, 1, 1], b=b))
    assert told(found) == sentence
    assert all(crossing.seconds == pytest.approx(1) for crossing in found.crossings)


def test_ways_are_compared_where_both_were_measured():
    (found,) = find_overtakings(PAIR, times(a=[1, 1], b=[2, 2, 0.1, 0.1]))
    assert (found.ahead, found.points, found.ratio) == (False, 100, 2)
    assert find_overtakings(PAIR, times(b=[1, 1])) == []


# --- words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1.234e-7, "0.123 µs"), (12.34e-6, "12.3 µs"), (999.96e-6, "1 ms"), (0.25, "250 ms"), (1.5, "1.5 s"), (0, "0 µs")],
)
def test_seconds_are_said_in_the_unit_that_goes_with_them(seconds, said):
    assert told_seconds(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"), [(10, "10"), (30_000, "30\u202f000"), (1_000_000, "1 million"), (2.5e6, "2.5 million")]
)
def test_points_are_said_as_people_say_them(count, said):
    assert told_points(count) == said
