"""What a library warns of is told to the code that called it, and to nobody else."""

from __future__ import annotations

import threading
import warnings

import pytest

from core.listening import warnings_from

LIBRARY: dict[str, object] = {}
exec(
    compile(
        "import warnings\n"
        "def of_itself(): warnings.warn('of itself', UserWarning, stacklevel=1)\n"
        "def inner(): warnings.warn('of its caller', UserWarning, stacklevel=2)\n"
        "def outer(): inner()\n",
        "library.py",
        "exec",
    ),
    LIBRARY,
)


def run(source: str, file: str = "shown.py") -> None:
    exec(compile(source, file, "exec"), {"warnings": warnings, **LIBRARY})


def test_warning_of_the_code_and_of_what_it_calls_are_heard_each_once():
    with warnings_from("shown.py") as said:
        run("for _ in range(3):\n  warnings.warn('its own')\n  outer()\n  of_itself()\n  inner()")
    assert said == ["UserWarning: its own", "UserWarning: of its caller", "UserWarning: of itself"]


def test_warning_that_other_code_brings_about_goes_where_it_would():
    with pytest.warns(UserWarning, match="of itself"), warnings_from("shown.py") as said:
        run("of_itself()", "other.py")
    assert said == []


def test_same_call_in_another_thread_is_not_heard():
    def meanwhile():
        thread = threading.Thread(target=LIBRARY["outer"])
        thread.start()
        thread.join()

    with pytest.warns(UserWarning, match="of its caller") as caught, warnings_from("shown.py") as said:
        meanwhile()
    assert said == []
    assert [one.filename for one in caught] == ["library.py"]


def test_what_the_process_does_with_warnings_is_as_before_also_after_an_error():
    before = warnings.showwarning, list(warnings.filters)
    with pytest.raises(RuntimeError), warnings_from("shown.py"):
        raise RuntimeError
    assert (warnings.showwarning, list(warnings.filters)) == before


def test_line_for_pytorchs_own_developers_is_left_out():
    with warnings_from("shown.py") as said:
        run("warnings.warn('Look out. (Triggered internally at /torch/a.cpp:12.)')")
    assert said == ["UserWarning: Look out."]
