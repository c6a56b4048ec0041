"""The lab starts anywhere and is reached on any way: the same page, whole, with its theme, its charts and its run."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import plotly
import pytest
from prefix_proxy import strip_prefix
from serving import ROOT, STREAMLIT, Server
from stage import Stage
from stillness import measured
from test_course_walk import quiet

from core import Experiment, train
from dashboard.shared.palette import DARK
from dashboard.shared.static_address import static_files, versioned

APP = "dashboard/app.py"

PLAIN = """
import sys
from streamlit import config
from streamlit.web import bootstrap

script, *options = sys.argv[1:]
config._main_script_path = script
bootstrap.load_config_options({name[2:].replace(".", "_"): value for name, value in (o.split("=") for o in options)})
bootstrap.run(script, False, [], {})
"""
"""How a host runs a script of which it does not know that it is a server."""

BROKEN_TYPES = """
import mimetypes
mimetypes.init()
mimetypes.add_type("text/plain", ".js")
"""
"""As a program on Windows may leave them."""


@pytest.fixture(scope="module")
def away() -> Iterator[Path]:
    """A copy of the lab that cannot be written, in a folder that everybody can read."""
    folder = Path(tempfile.mkdtemp(prefix="lab-"))
    for name in ("core", "dashboard"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "sitecustomize.py").write_text(BROKEN_TYPES)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)
    shutil.rmtree(folder)


def bare(folder: Path) -> dict[str, str]:
    """An environment as of a service: a home that there is not, and nothing of ours but the way to the copy."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(folder)}


# Root could write the copy all the same, but for this.
UNPRIVILEGED = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()


@contextmanager
def serving(*given: str, **as_usual: object) -> Iterator[str]:
    """The address of a lab that is started in this way."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "log.txt", *given, **as_usual)
        server.start()
        yield server.address
        server.close()


@pytest.fixture(scope="module")
def service(away) -> Iterator[str]:
    """As systemd starts it: without a working directory, by somebody who may write nothing."""
    command = (*UNPRIVILEGED, *STREAMLIT)
    with serving(script=str(away / APP), command=command, cwd=Path("/"), env=bare(away)) as address:
        yield address


@pytest.fixture(scope="module")
def proxied(service) -> Iterator[str]:
    """Behind a proxy that strips a prefix."""
    with strip_prefix("/outer", service) as address:
        yield f"{address}/outer"


@pytest.fixture(scope="module")
def based() -> Iterator[str]:
    """Under a path of its own."""
    with serving("--server.baseUrlPath=lab", script=str(ROOT / APP), cwd=ROOT.parent, base="/lab") as address:
        yield address


@pytest.fixture(scope="module")
def plain(away) -> Iterator[str]:
    """Run as a plain script."""
    command = (*UNPRIVILEGED, sys.executable, "-c", PLAIN)
    with serving(script=str(away / APP), command=command, cwd=Path("/"), env=bare(away)) as address:
        yield address


@pytest.fixture(params=["service", "proxied", "based", "plain"])
def address(request) -> str:
    return request.getfixturevalue(request.param)


EXPERIMENT = Experiment(epochs=60, learning_rate=0.05, seed=8)
QUERY = "epochs=60&learning_rate=0.05&seed=8"


def visit(visitors, address: str) -> Stage:
    if not urlsplit(address).path.endswith("/"):
        # Before the browser knows that a slash is missing it may have asked for something beside the lab.
        visitors.forgiven = re.compile(r"404 \(Not Found\)")
    stage = Stage(visitors.come(color_scheme="dark"))
    stage.page.goto(address)
    return stage


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[start : start + 2], 16)) for start in (1, 3, 5))})"


def assert_theme(stage: Stage) -> None:
    script = "app => [getComputedStyle(app).backgroundColor, getComputedStyle(app).color]"
    background, text = measured(stage.page.get_by_test_id("stApp"), script)
    assert (background, text) == (rgb(DARK["background"]), rgb(DARK["text"]))


def test_run_plays_in_the_labs_own_colours(visitors, address):
    stage = visit(visitors, f"{address}?{QUERY}")
    stage.wait_until_drawn()
    stage.rest()
    last = list(train(EXPERIMENT))[-1]
    assert (stage.epoch, stage.values) == (60, (last.b, last.w, last.loss))
    assert_theme(stage)


def test_run_plays_where_the_lab_is_embedded(visitors, address):
    stage = visit(visitors, f"{address}/?embed=true&{QUERY}")
    stage.wait_until_drawn()
    stage.rest()
    assert stage.epoch == 60


def test_page_opens_by_its_address_and_leads_to_the_others(visitors, address):
    stage = visit(visitors, f"{address}/course/")
    stage.page.get_by_role("heading", name="From NumPy to nn.Module, a few lines at a time").wait_for()
    quiet(stage.page)
    assert_theme(stage)
    stage.way("Graph").click()
    stage.graph.locator("[data-node]").first.wait_for()
    assert stage.page.url.startswith(f"{address}/graph")
    stage.way("Lab").click()
    stage.wait_until_drawn()


def test_plotly_is_compressed_once_and_passes_streamlit_untouched(based):
    root = f"{based}/{versioned(static_files())}"
    given = set()
    for _ in range(2):
        with urlopen(Request(f"{root}plotly.min.js", headers={"Accept-Encoding": "gzip, br"}), timeout=30) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            given.add(answer.read())
    (packed,) = given
    assert gzip.decompress(packed) == (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


def test_plain_script_has_no_files_of_ours_but_the_same_page(plain):
    with urlopen(f"{plain}/app/static/nothing.js", timeout=30) as answer:
        assert answer.headers["Content-Type"].startswith("text/html")
