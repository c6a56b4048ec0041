"""When a run begins, goes on, and ends, as its visitor sees it."""

from __future__ import annotations

from threading import Event
from time import monotonic

import pytest

from core import Experiment, StopReason, make_dataset, shipped_table, train
from dashboard.stage import watching as module
from dashboard.stage.watching import Request, announcement, describe, next_watching, recovered, resumed, stopped

pytestmark = pytest.mark.usefixtures("quick_machine")

SHORT = Experiment(epochs=20)
LONG = Experiment(epochs=100_000, learning_rate=0.001, method="module", optimizer="adam")


def ask(experiment: Experiment | None, *, train: bool = False, opened: bool = False, dataset=None) -> Request:
    if experiment is None:
        return Request((), ("Something is wrong.",), train, opened)
    return Request(((experiment, dataset or make_dataset(experiment)),), (), train, opened)


def wait_until(condition) -> None:
    until = monotonic() + 60
    while not condition():
        assert monotonic() < until
        Event().wait(0.005)


def test_fresh_visitor_sees_epoch_0_and_no_run(worker):
    watching = next_watching(None, ask(SHORT), worker, "me")
    assert watching.runs[0].run is None
    assert watching.runs[0].count == 1
    assert watching.runs[0].history[0] == next(train(SHORT))
    assert watching.runs[0].end is None
    assert worker.runs == []


@pytest.mark.parametrize("how", ["train", "opened"])
def test_train_or_a_link_starts_the_run(worker, how):
    watching = next_watching(None, ask(SHORT, **{how: True}), worker, "me")
    wait_until(lambda: watching.runs[0].end is not None)
    assert watching.runs[0].end.reason is StopReason.FINISHED
    assert [watching.runs[0].history[k] for k in range(21)] == list(train(SHORT))


def test_nothing_changes_where_nothing_was_changed(worker):
    for first in (ask(SHORT), ask(SHORT, train=True)):
        watching = next_watching(None, first, worker, "me")
        assert next_watching(watching, ask(SHORT), worker, "me") is watching
        assert (
            next_watching(watching, ask(SHORT, opened=True), worker, "me") is watching or watching.runs[0].run is None
        )


def test_before_the_first_train_a_change_shows_another_start(worker):
    watching = next_watching(None, ask(SHORT), worker, "me")
    other = Experiment(epochs=20, seed=7)
    changed = next_watching(watching, ask(other), worker, "me")
    assert changed.runs[0].run is None
    assert changed.runs[0].history[0] == next(train(other))
    assert changed.play != watching.play
    assert worker.runs == []


def test_after_it_a_change_starts_the_new_run_and_leaves_the_old(worker):
    watching = next_watching(None, ask(LONG, train=True), worker, "me")
    wait_until(lambda: watching.runs[0].count > 10)
    changed = next_watching(watching, ask(SHORT), worker, "me")
    assert changed.runs[0].run is not watching.runs[0].run
    wait_until(lambda: changed.runs[0].end is not None and watching.runs[0].run.stop is not None)
    assert watching.runs[0].run.stop.reason is StopReason.CANCELLED
    assert changed.runs[0].end.reason is StopReason.FINISHED


def test_train_pressed_again_plays_the_same_run_once_more(worker):
    watching = next_watching(None, ask(SHORT, train=True), worker, "me")
    wait_until(lambda: watching.runs[0].end is not None)
    again = next_watching(watching, ask(SHORT, train=True), worker, "me")
    assert again.runs[0].run is watching.runs[0].run
    assert again.play != watching.play


def test_request_that_cannot_be_honoured_changes_nothing(worker):
    watching = next_watching(None, ask(SHORT, train=True), worker, "me")
    assert next_watching(watching, ask(None, train=True), worker, "me") is watching
    assert next_watching(None, ask(None), worker, "me") is None


def test_other_data_is_another_run(worker):
    watching = next_watching(None, ask(SHORT, train=True), worker, "me")
    iris = shipped_table("iris").dataset("petal_width", "petal_length", Experiment())
    changed = next_watching(watching, ask(SHORT, dataset=iris), worker, "me")
    wait_until(lambda: changed.runs[0].end is not None)
    assert changed.runs[0].history[20] == list(train(SHORT, iris))[20]


def test_long_run_is_announced_and_starts_when_asked_for_twice(worker, monkeypatch):
    monkeypatch.setattr(module, "estimate_seconds", lambda *_, **__: 1234.0)
    monkeypatch.setattr(module, "ANNOUNCED_SECONDS", 1)
    announced = next_watching(None, ask(LONG, opened=True), worker, "me")
    assert announced.runs[0].run is None
    assert announced.message == "This run would take about 21 minutes here. Press Train to start it all the same."
    assert next_watching(announced, ask(LONG), worker, "me") is announced
    started = next_watching(announced, ask(LONG, train=True), worker, "me")
    assert started.runs[0].run is not None
    worker.leave(started.runs[0].run, "me")


def test_shorter_run_chosen_instead_of_an_announced_one_starts(worker, monkeypatch):
    monkeypatch.setattr(module, "estimate_seconds", lambda experiment, _: 1e5 if experiment == LONG else 1.0)
    monkeypatch.setattr(module, "ANNOUNCED_SECONDS", 5)
    announced = next_watching(None, ask(LONG, opened=True), worker, "me")
    assert "27.8 hours" in announced.message
    changed = next_watching(announced, ask(SHORT), worker, "me")
    assert changed.runs[0].run is not None


def test_short_runs_are_not_even_tried_out(monkeypatch):
    monkeypatch.setattr(module, "estimate_seconds", lambda *_: pytest.fail("tried out"))
    assert announcement([(SHORT, make_dataset(SHORT))]) == ""
    assert announcement([(Experiment(), make_dataset(Experiment()))]) == ""


def test_stopping_keeps_what_was_trained_and_is_final(worker):
    watching = next_watching(None, ask(LONG, train=True), worker, "me")
    wait_until(lambda: watching.runs[0].count > 10)
    ended = stopped(watching, worker, "me")
    assert ended.runs[0].end.reason is StopReason.CANCELLED
    assert ended.runs[0].end.message == f"Stopped at epoch {ended.runs[0].end.epoch}. What was trained is kept."
    wait_until(lambda: watching.runs[0].run.stop is not None)
    assert ended.runs[0].count == ended.runs[0].end.epoch + 1 <= len(ended.runs[0].history)
    assert stopped(ended, worker, "me") is ended
    assert resumed(ended, worker, "me") is ended


def test_stopping_what_others_watch_leaves_them_their_run(worker):
    mine = next_watching(None, ask(LONG, train=True), worker, "me")
    theirs = next_watching(None, ask(LONG, train=True), worker, "they")
    assert mine.runs[0].run is theirs.runs[0].run
    wait_until(lambda: mine.runs[0].count > 5)
    ended = stopped(mine, worker, "me")
    wait_until(lambda: theirs.runs[0].count > ended.runs[0].count + 100)
    assert theirs.runs[0].end is None
    assert ended.runs[0].count == ended.runs[0].end.epoch + 1
    worker.leave(theirs.runs[0].run, "they")


def test_stopping_before_there_is_a_run_or_after_its_end_changes_nothing(worker):
    idle = next_watching(None, ask(SHORT), worker, "me")
    assert stopped(idle, worker, "me") is idle
    watching = next_watching(idle, ask(SHORT, train=True), worker, "me")
    wait_until(lambda: watching.runs[0].end is not None)
    assert stopped(watching, worker, "me") is watching


def test_run_given_up_while_its_visitor_was_away_starts_anew(worker):
    watching = next_watching(None, ask(LONG, train=True), worker, "me")
    wait_until(lambda: watching.runs[0].count > 5)
    worker.leave(watching.runs[0].run, "me")
    wait_until(lambda: watching.runs[0].run.stop is not None)
    back = resumed(watching, worker, "me")
    assert back.runs[0].run is not watching.runs[0].run
    assert back.play == watching.play, "the playhead stays where it was"
    wait_until(lambda: back.runs[0].count > 5)
    assert [back.runs[0].history[k] for k in range(5)] == [watching.runs[0].history[k] for k in range(5)]
    worker.leave(back.runs[0].run, "me")


def test_watching_on_changes_nothing(worker):
    watching = next_watching(None, ask(SHORT, train=True), worker, "me")
    assert resumed(watching, worker, "me") is watching
    idle = next_watching(None, ask(SHORT), worker, "me")
    assert resumed(idle, worker, "me") is idle


def test_stopped_run_is_recovered_at_the_epoch_where_it_was_stopped_and_trained_no_further(worker):
    opened = next_watching(None, ask(LONG, opened=True), worker, "me")
    back = recovered(opened, {"started": True, "stopped": [30]}, worker, "me")
    assert (back.runs[0].end.reason, back.runs[0].end.epoch) == (StopReason.CANCELLED, 30)
    assert back.runs[0].end.message == "Stopped at epoch 30. What was trained is kept."

    def watched_on() -> bool:
        return resumed(back, worker, "me") is back and back.runs[0].run.stop is not None

    wait_until(watched_on)
    assert back.runs[0].count == 31 <= len(back.runs[0].history) < LONG.epochs


def test_announced_run_that_had_been_started_is_recovered_without_being_asked_for_again(worker, monkeypatch):
    monkeypatch.setattr(module, "announcement", lambda *_: "This run would take long.")
    announced = next_watching(None, ask(SHORT, opened=True), worker, "me")
    back = recovered(announced, {"started": True, "stopped": [None]}, worker, "me")
    wait_until(lambda: back.runs[0].end is not None)
    assert [back.runs[0].history[k] for k in range(21)] == list(train(SHORT))
    assert (back.message, back.armed) == (describe([(SHORT, back.runs[0].points)]), True)


def test_visitor_who_had_not_pressed_train_is_recovered_before_the_start(worker):
    opened = next_watching(None, ask(LONG, opened=True), worker, "me")
    back = recovered(opened, {"started": False, "stopped": [None]}, worker, "me")
    assert (back.runs[0].run, back.runs[0].count, back.message) == (None, 1, "Press Train to start.")
    wait_until(lambda: opened.runs[0].run.stop is not None)
    other = next_watching(back, ask(SHORT), worker, "me")
    assert other.runs[0].run is None, "a change of the controls starts nothing yet"


def test_recovery_is_no_new_play(worker):
    opened = next_watching(None, ask(SHORT, opened=True), worker, "me")
    for was in ({"started": True, "stopped": [3]}, {"started": True, "stopped": [None]}, {"started": False}):
        assert recovered(opened, was, worker, "me").play == opened.play


@pytest.mark.parametrize("was", ["nonsense", 7, None, [1], {"started": True, "stopped": [-1]}, {"started": 1}], ids=str)
@pytest.mark.parametrize("epochs", [None, 3, ["3"], [2.5], [10**9], [1, 2], []])
def test_what_makes_no_sense_recovers_the_run_as_the_link_says_it(worker, was, epochs):
    opened = next_watching(None, ask(SHORT, opened=True), worker, "me")
    if isinstance(was, dict):
        was = {"stopped": epochs} | was
    assert recovered(opened, was, worker, "me") is opened


@pytest.mark.parametrize(
    ("experiment", "words"),
    [
        (Experiment(), "100 points, learning rate 0.1"),
        (Experiment(n=12_345, learning_rate=0.037), "12\u202f345 points, learning rate 0.037"),
        (
            Experiment(method="module", optimizer="adam", batch_size=16),
            "100 points, batches of 16, adam, learning rate 0.1",
        ),
    ],
)
def test_run_is_described_in_a_few_words(experiment, words):
    assert describe([(experiment, make_dataset(experiment))]) == words


# --- several runs -----------------------------------------------------------------------------------------

VARIANTS = tuple(Experiment(epochs=20, learning_rate=rate) for rate in (0.1, 0.2, 0.3))
LONG_ONES = tuple(Experiment(epochs=100_000, learning_rate=rate, n=20) for rate in (1e-4, 2e-4, 3e-4))


def ask_all(*experiments: Experiment, train: bool = False, opened: bool = False, remark: str = "") -> Request:
    return Request(tuple((one, make_dataset(one)) for one in experiments), (), train, opened, remark)


def keys(watching) -> list[Experiment]:
    return [watched.experiment for watched in watching.runs]


def leave_all(watching, worker) -> None:
    module.leave(watching, worker, "me")


def test_several_runs_start_as_one_arrival_and_each_is_that_of_train(worker):
    watching = next_watching(None, ask_all(*VARIANTS, opened=True), worker, "me")
    wait_until(lambda: all(watched.end for watched in watching.runs))
    for watched, experiment in zip(watching.runs, VARIANTS, strict=True):
        assert [watched.history[k] for k in range(21)] == list(train(experiment))
    assert watching.message == "3 runs on 100 points."
    assert len(worker.runs) == 3


def test_more_runs_than_a_visitor_may_have_are_refused_together(worker):
    wanted = [Experiment(epochs=100_000, learning_rate=1e-4, n=20, seed=seed) for seed in range(60)]
    refused = next_watching(None, ask_all(*wanted, train=True), worker, "me")
    assert all(watched.run is None and watched.count == 1 for watched in refused.runs)
    assert worker.runs == []
    assert "runs of yours are in progress" in refused.message


def test_before_the_first_train_several_show_where_they_would_start(worker):
    watching = next_watching(None, ask_all(*VARIANTS), worker, "me")
    assert [watched.history[0] for watched in watching.runs] == [next(train(one)) for one in VARIANTS]
    assert (watching.started, watching.message) == (False, "Press Train to start.")
    fewer = next_watching(watching, ask_all(*VARIANTS[:2]), worker, "me")
    assert (fewer.play, fewer.message) == (watching.play, "Press Train to start.")


def test_a_run_that_leaves_is_left_and_the_others_play_on(worker):
    watching = next_watching(None, ask_all(*LONG_ONES, opened=True), worker, "me")
    wait_until(lambda: all(watched.count > 5 for watched in watching.runs))
    fewer = next_watching(watching, ask_all(LONG_ONES[0], LONG_ONES[2]), worker, "me")
    assert fewer.play == watching.play
    assert [watched.run for watched in fewer.runs] == [watching.runs[0].run, watching.runs[2].run]
    wait_until(lambda: watching.runs[1].run.stop is not None)
    assert watching.runs[1].run.stop.reason is StopReason.CANCELLED
    assert [watched.run.stop for watched in fewer.runs] == [None, None]
    alone = next_watching(fewer, ask_all(LONG_ONES[0]), worker, "me")
    assert (alone.play, alone.message) == (watching.play, "20 points, learning rate 0.0001")
    leave_all(alone, worker)


def test_a_run_that_comes_is_a_new_play_and_the_others_keep_theirs(worker):
    watching = next_watching(None, ask_all(*LONG_ONES[:2], opened=True), worker, "me")
    wait_until(lambda: all(watched.count > 5 for watched in watching.runs))
    more = next_watching(watching, ask_all(*LONG_ONES), worker, "me")
    assert more.play != watching.play
    assert [watched.run for watched in more.runs[:2]] == [watched.run for watched in watching.runs]
    assert more.id != watching.id
    leave_all(more, worker)


def test_another_order_is_no_new_play(worker):
    watching = next_watching(None, ask_all(*VARIANTS, opened=True), worker, "me")
    turned = next_watching(watching, ask_all(VARIANTS[2], VARIANTS[1], VARIANTS[0]), worker, "me")
    assert turned.play == watching.play
    assert [watched.run for watched in turned.runs] == [watched.run for watched in watching.runs][::-1]
    assert next_watching(turned, ask_all(*VARIANTS[::-1]), worker, "me") is turned


def test_train_pressed_again_plays_all_of_them_once_more(worker):
    watching = next_watching(None, ask_all(*VARIANTS, opened=True), worker, "me")
    wait_until(lambda: all(watched.end for watched in watching.runs))
    again = next_watching(watching, ask_all(*VARIANTS, train=True), worker, "me")
    assert again.play != watching.play
    assert [watched.run for watched in again.runs] == [watched.run for watched in watching.runs]


def test_stopping_ends_those_that_go_on_and_leaves_the_others_their_ends(worker):
    watching = next_watching(None, ask_all(SHORT, *LONG_ONES[:2], opened=True), worker, "me")
    wait_until(lambda: watching.runs[0].end and all(watched.count > 5 for watched in watching.runs))
    ended = stopped(watching, worker, "me")
    assert [one.end.reason.value for one in ended.runs] == ["finished", "cancelled", "cancelled"]
    assert [one.count for one in ended.runs] == [one.end.epoch + 1 for one in ended.runs]
    assert stopped(ended, worker, "me") is ended
    assert resumed(ended, worker, "me") is ended
    wait_until(lambda: all(one.run.stop for one in ended.runs))


def test_what_was_stopped_stays_stopped_while_another_comes_and_goes(worker):
    watching = next_watching(None, ask_all(*LONG_ONES[:2], opened=True), worker, "me")
    wait_until(lambda: all(watched.count > 5 for watched in watching.runs))
    ended = stopped(watching, worker, "me")
    more = next_watching(ended, ask_all(*LONG_ONES[:2], SHORT), worker, "me")
    assert [watched.stop for watched in more.runs[:2]] == [watched.stop for watched in ended.runs]
    wait_until(lambda: more.runs[2].end)
    assert more.runs[2].end.reason is StopReason.FINISHED
    fewer = next_watching(more, ask_all(*LONG_ONES[:2]), worker, "me")
    assert [watched.stop for watched in fewer.runs] == [watched.stop for watched in ended.runs]
    assert [watched.count for watched in fewer.runs] == [watched.count for watched in ended.runs]
    again = next_watching(fewer, ask_all(*LONG_ONES[:2], train=True), worker, "me")
    assert [watched.stop for watched in again.runs] == [None, None]
    leave_all(again, worker)


def test_of_several_those_that_were_given_up_train_anew_and_the_others_go_on(worker):
    watching = next_watching(None, ask_all(*LONG_ONES[:2], opened=True), worker, "me")
    wait_until(lambda: all(watched.count > 5 for watched in watching.runs))
    worker.leave(watching.runs[1].run, "me")
    wait_until(lambda: watching.runs[1].run.stop is not None)
    back = resumed(watching, worker, "me")
    assert back.play == watching.play
    assert back.runs[0] is watching.runs[0]
    assert back.runs[1].run is not watching.runs[1].run
    leave_all(back, worker)


def test_several_are_recovered_each_where_it_was_stopped(worker):
    opened = next_watching(None, ask_all(*LONG_ONES, opened=True), worker, "me")
    back = recovered(opened, {"started": True, "stopped": [30, None, 7]}, worker, "me")
    assert [watched.stop and watched.stop.epoch for watched in back.runs] == [30, None, 7]
    assert back.play == opened.play

    def all_there() -> bool:
        resumed(back, worker, "me")
        return back.runs[0].count == 31 and back.runs[2].count == 8

    wait_until(all_there)
    assert back.runs[1].end is None
    leave_all(back, worker)


@pytest.mark.parametrize("epochs", [[30], [30, 30], [], "abc", {"0": 1}])
def test_ends_that_are_not_one_for_each_run_recover_none(worker, epochs):
    opened = next_watching(None, ask_all(*VARIANTS, opened=True), worker, "me")
    assert recovered(opened, {"started": True, "stopped": epochs}, worker, "me") is opened


def test_several_that_had_not_been_started_are_recovered_before_their_start(worker):
    opened = next_watching(None, ask_all(*LONG_ONES, opened=True), worker, "me")
    back = recovered(opened, {"started": False}, worker, "me")
    assert [(watched.run, watched.count) for watched in back.runs] == [(None, 1)] * 3
    wait_until(lambda: all(watched.run.stop for watched in opened.runs))


def test_long_ones_are_announced_together_and_only_those_that_are_new(worker, monkeypatch):
    monkeypatch.setattr(module, "estimate_seconds", lambda experiment, _: 100.0 if experiment in LONG_ONES else 0.0)
    assert announcement([(one, make_dataset(one)) for one in LONG_ONES]).startswith("These runs would take about 5 min")
    announced = next_watching(None, ask_all(*LONG_ONES, opened=True), worker, "me")
    assert (announced.started, "Press Train to start them" in announced.message) == (False, True)
    started = next_watching(announced, ask_all(*LONG_ONES, train=True), worker, "me")
    more = next_watching(started, ask_all(*LONG_ONES, SHORT), worker, "me")
    assert more.started, "what trains already is not announced once more"
    leave_all(more, worker)


def test_what_several_have_in_common_is_said_and_what_there_is_to_say_of_them(worker):
    other = Experiment(epochs=20, n=50)
    watching = next_watching(None, ask_all(*VARIANTS, other, opened=True), worker, "me")
    assert watching.message == "4 runs."
    remark = "Adam needs the method 'optimizer', which goes along."
    several = ask_all(SHORT, Experiment(epochs=20, method="optimizer", optimizer="adam"), opened=True, remark=remark)
    assert next_watching(None, several, worker, "me").message == f"2 runs on 100 points. {remark}"
