"""What each process of `benchmarks.distributed` runs: some epochs, and some rounds of telling one another nothing else.

The first one writes what was measured, as one line of JSON.
"""

from __future__ import annotations

import json
import resource
import sys
from itertools import islice
from statistics import median
from time import perf_counter

from benchmarks.table import percentile
from core import make_dataset
from core.distributed.group import joined_group
from core.distributed.large import LargeExperiment, is_streamed
from core.distributed.shard import stream_shard, whole_shard
from core.distributed.training import ShardTraining


def seconds_each(steps) -> list[float]:
    """How long each step took."""
    taken, before = [], perf_counter()
    for _ in steps:
        now = perf_counter()
        taken.append(now - before)
        before = now
    return taken


def main(n: int, epochs: int) -> None:
    with joined_group() as group:
        experiment = LargeExperiment(n=n, epochs=100_000)
        start = perf_counter()
        if is_streamed(experiment):
            shard = stream_shard(experiment, group)
        else:
            shard = whole_shard(experiment, make_dataset(experiment), group.rank, group.size)
        made = perf_counter() - start
        training = ShardTraining(experiment, shard, group)
        next(training)
        epoch = seconds_each(islice(training, epochs))
        told = seconds_each(group.gather((0.0,) * 5) for _ in range(2000))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        most = group.gather((memory,)).max()
        if group.rank == 0:
            found = {"made": made, "epoch": percentile(epoch, 10), "median": median(epoch), "memory": most}
            print(json.dumps(found | {"points": shard.landscape.n, "told": percentile(told, 10)}))


if __name__ == "__main__":
    main(*map(int, sys.argv[-2:]))
