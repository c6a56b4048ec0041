"""Two processes that work together: what the cells of a chapter start from, shown there as it stands.

It needs nothing of this package, so that it runs in the chapter's notebook as well. The function goes to the processes
as the code that it is compiled to, which the same Python understands. Both processes end with the one that started
them, whatever becomes of it: they read on from their input, which ends then.
"""

# mypy: allow-untyped-defs, no-check-untyped-defs

from __future__ import annotations

import marshal
import os
import pickle
import subprocess
import sys
import tempfile
import time

from core.source import source_of

__all__ = ["TWO_PROCESSES", "in_two_processes"]

IMPORTS = "\n".join(f"import {name}" for name in ("marshal", "os", "pickle", "subprocess", "sys", "tempfile", "time"))

PROCESS = """
import contextlib, io, marshal, os, pickle, sys, threading, types
from datetime import timedelta

rank, folder = int(sys.argv[1]), sys.argv[2]
code, data = pickle.loads(bytes.fromhex(sys.stdin.readline()))
# Whoever started this keeps its input open: it ends with them.
threading.Thread(target=lambda: os.read(0, 1) or os._exit(1), daemon=True).start()

import torch
import torch.distributed as dist

torch.set_num_threads(1)
dist.init_process_group(
    "gloo", store=dist.FileStore(f"{folder}/store", 2), rank=rank, world_size=2, timeout=timedelta(seconds=20)
)
work = types.FunctionType(marshal.loads(code), globals())
with contextlib.redirect_stdout(io.StringIO()) as printed:
    result = work(rank, *data)
dist.destroy_process_group()
with open(f"{folder}/{rank}", "wb") as file:
    pickle.dump((printed.getvalue(), result), file)
"""
"""What each of them runs."""


def in_two_processes(work, *data):
    """What work(rank, *data) returns in process 0 and in process 1, which are connected. Prints what they print."""
    given = pickle.dumps((marshal.dumps(work.__code__), data)).hex() + "\n"
    # They talk to one another on this machine alone.
    loopback = {"linux": "lo", "darwin": "lo0"}.get(sys.platform)
    env = os.environ | ({"GLOO_SOCKET_IFNAME": loopback} if loopback else {})
    with tempfile.TemporaryDirectory() as folder:
        pair = []
        try:
            for rank in range(2):
                one = subprocess.Popen(
                    [sys.executable, "-c", PROCESS, str(rank), folder],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                    env=env,
                )
                pair.append(one)
                one.stdin.write(given)
                one.stdin.flush()
            end = time.monotonic() + 60
            # Whoever fails first is the cause: the other only misses it.
            while {one.poll() for one in pair} in ({None}, {None, 0}) and time.monotonic() < end:
                time.sleep(0.01)
            states = [one.returncode for one in pair]
        except OSError as error:
            raise ChildProcessError(f"Two processes cannot be started here: {error}.") from None
        finally:
            for one in pair:
                one.kill()
            errors = [one.communicate()[1].strip() for one in pair]
        if states != [0, 0]:
            rank = next((rank for rank in range(2) if states[rank]), None)
            if rank is None:
                raise ChildProcessError("The two processes did not end within a minute. Run it again.")
            why = "it was stopped from outside"
            if states[rank] > 0 and errors[rank]:
                why = errors[rank].splitlines()[-1].removeprefix(f"[rank{rank}]: ")
            raise ChildProcessError(f"Process {rank} ended before its work was done: {why}. Run it again.")
        results = []
        for rank in range(2):
            with open(f"{folder}/{rank}", "rb") as file:
                printed, result = pickle.load(file)
            for text in printed.splitlines():
                print(f"{rank} | {text}")
            results.append(result)
        return results


TWO_PROCESSES = f'{IMPORTS}\n\nPROCESS = """{PROCESS}"""\n\n\n{source_of(in_two_processes)}'
"""The same as text: it defines `in_two_processes`."""
