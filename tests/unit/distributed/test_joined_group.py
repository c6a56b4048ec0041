"""What processes wait for, and what all of them agree on before anything is trained."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
import torch
import torch.distributed as dist

from core.command_line import options
from core.distributed import command_line
from core.distributed.group import joined_group


def test_whoever_waits_for_a_reader_has_hours_once_training_has_begun(by_itself, monkeypatch):
    patience, waited = {}, []
    new_group, all_gather = dist.new_group, dist.all_gather

    def group_of(timeout):
        group = new_group(timeout=timeout)
        patience[group] = timeout
        return group

    def gathered(rows, own, group=None):
        waited.append(patience.get(group))
        all_gather(rows, own, group=group)

    monkeypatch.setattr(dist, "new_group", group_of)
    monkeypatch.setattr(dist, "all_gather", gathered)
    with joined_group() as group:
        assert group.gather((1.0,)).tolist() == [[1.0]]
        group.begin(torch.device("cpu"))
        assert group.gather((2.0, 3.0)).tolist() == [[2.0, 3.0]]
    at_the_start, training = waited
    assert at_the_start is None  # that of the group itself
    assert training > timedelta(hours=8)


@pytest.fixture
def others(monkeypatch) -> list[str]:
    """The problems that another process has, one after the other: those that are left have not been asked for."""
    problems: list[str] = []

    class Group:
        rank, size, leaving = 0, 2, False

        def first_text(self, text: str) -> str:
            return text or problems.pop(0)

    @contextmanager
    def joined():
        yield Group()

    monkeypatch.setattr(command_line, "joined_group", joined)
    return problems


@pytest.mark.parametrize("problems", [("A file is missing.",), ("", "There is too little memory.")])
def test_nobody_makes_points_before_all_know_that_they_fit(problems, others, torchrun_here, monkeypatch):
    def make_dataset(experiment):
        pytest.fail("points were made")

    monkeypatch.setattr(options, "make_dataset", make_dataset)
    others += problems
    assert torchrun_here("--n", "50") == (2, "", f"torchrun -m core --: {problems[-1]}\n")


@pytest.mark.parametrize(
    ("rank", "said"), [("0", "torchrun -m core --: unrecognized arguments: --frmat csv\n"), ("1", "")]
)
def test_an_unknown_option_is_told_by_the_first_process_and_ends_each_once_all_have_said_so(
    rank, said, others, torchrun_here, monkeypatch
):
    monkeypatch.setenv("RANK", rank)
    others.append("")
    assert torchrun_here("--frmat", "csv") == (2, "", said)
    assert others == []
