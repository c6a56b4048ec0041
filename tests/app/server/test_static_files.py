"""What a browser gets of the files that are served from memory, and how often."""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
from pathlib import Path
from typing import NamedTuple

import plotly
import pytest
import streamlit

from dashboard.server.static_files import StaticFiles
from dashboard.shared import static_address
from dashboard.shared.static_address import static_files, versioned

STATIC = Path(__file__).parents[3] / "dashboard" / "static"
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
BUNDLE = next((Path(streamlit.__file__).parent / "static" / "static" / "js").glob("index.*.js"))
BEHIND = 299
"""The status of an answer that came from the application behind."""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


async def behind(scope, receive, send):
    await send({"type": "http.response.start", "status": BEHIND, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def ask(app, path: str, method: str = "GET", **headers: str) -> Answer:
    sent = []

    async def send(message):
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": raw}
    asyncio.run(app(scope, None, send))
    start, *rest = sent
    given = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], given, b"".join(part["body"] for part in rest))


@pytest.fixture(scope="module", autouse=True)
def forgotten():
    """What is noted here of who serves the files is not true of other tests."""
    yield
    static_address._served_at = None


@pytest.fixture(scope="module")
def server(forgotten):
    return StaticFiles(behind)


ROOT = f"/{versioned(static_files())}"


def files_of(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_every_static_file_is_served_as_it_is_and_may_be_kept_for_good(server):
    for name in files_of(STATIC):
        answer = ask(server, ROOT + name)
        assert answer.status == 200, name
        assert answer.body == (STATIC / name).read_bytes(), name
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert int(answer.headers["content-length"]) == len(answer.body)


def test_plotly_comes_from_the_installed_package_a_third_as_long(server):
    answer = ask(server, f"{ROOT}plotly.min.js", accept_encoding="br, gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "accept-encoding"
    assert gzip.decompress(answer.body) == PLOTLY.read_bytes()
    assert int(answer.headers["content-length"]) == len(answer.body) < PLOTLY.stat().st_size / 3


def test_pictures_are_not_compressed_again(server):
    answer = ask(server, f"{ROOT}lab.png", accept_encoding="gzip")
    assert answer.headers["content-type"] == "image/png"
    assert len(answer.body) <= (STATIC / "lab.png").stat().st_size


@pytest.mark.parametrize("path", [f"{ROOT}stage/index.js", f"/static/js/{BUNDLE.name}"])
def test_modules_are_javascript_whatever_the_systems_table_says(path, monkeypatch):
    monkeypatch.setitem(mimetypes.types_map, ".js", "text/plain")
    mimetypes.add_type("text/plain", ".js")
    try:
        answer = ask(StaticFiles(behind), path)
    finally:
        mimetypes.add_type("text/javascript", ".js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_who_has_the_file_is_told_so(server):
    path = f"{ROOT}stage/stage.css"
    name = ask(server, path).headers["etag"]
    answer = ask(server, path, if_none_match=f'"other", {name}', accept_encoding="gzip")
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", name)
    assert ask(server, path, if_none_match='W/"other"').status == 200


def test_head_says_what_get_would_send(server):
    path = f"{ROOT}stage/stage.css"
    given, head = (ask(server, path, method, accept_encoding="gzip") for method in ("GET", "HEAD"))
    assert head.headers == given.headers
    assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize(
    "name",
    [
        "stage/missing.js",
        "",
        "stage",
        "stage/",
        "../app.py",
        "stage/../../app.py",
        "..%2fapp.py",
        "/etc/passwd",
        "stage\\index.js",
        "index.html",
    ],
)
def test_what_is_no_static_file_is_not_found(server, name):
    assert ask(server, ROOT + name).status == 404


def test_files_of_another_version_are_not_found(server):
    assert ask(server, "/app/static/0123456789ab/stage/index.js").status == 404
    assert ask(server, "/app/static/stage/index.js").status == 404


def test_another_file_or_name_makes_another_address():
    files = {"a.js": b"1", "b.js": b"2"}
    others = [{"a.js": b"1", "b.js": b"3"}, {"a.js": b"1", "c.js": b"2"}, {"a.js": b"1"}, {"a.js": b"12", "b.js": b""}]
    assert len({versioned(one) for one in (files, *others)}) == 5
    assert versioned(dict(reversed(files.items()))) == versioned(files)


def test_streamlits_own_files_come_from_memory_too(server):
    answer = ask(server, f"/static/js/{BUNDLE.name}", accept_encoding="gzip")
    assert gzip.decompress(answer.body) == BUNDLE.read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert ask(server, f"/static/js/{BUNDLE.name}", accept_encoding="gzip") == answer


@pytest.mark.parametrize("path", ["/course", "/_stcore/health", "/static/js/", "/static/js/other.js", "/manifest.json"])
def test_streamlit_answers_for_the_rest(server, path):
    assert ask(server, path).status == BEHIND


def test_what_is_posted_is_left_to_streamlit(server):
    assert ask(server, f"{ROOT}stage/index.js", "POST").status == BEHIND


def test_front_page_is_streamlits_asked_for_anew_each_time(server):
    answer = ask(server, "/")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    lines = (Path(streamlit.__file__).parent / "static" / "index.html").read_text().splitlines()
    assert set(lines) <= set(answer.body.decode().splitlines())


def test_front_page_fetches_the_modules_of_the_stage_early(server):
    page = ask(server, "/").body.decode()
    assert 'rel: "modulepreload"' in page
    for name in ("stage/index.js", "stage/stage.js", "plotly.min.js"):
        assert f'"{ROOT[1:]}{name}"' in page
    assert "course/index.js" not in page


def test_all_addresses_have_the_base_path_before_them():
    server = StaticFiles(behind, "/lab")
    for path in ("/lab/", f"/lab{ROOT}stage/index.js", f"/lab/static/js/{BUNDLE.name}"):
        assert ask(server, path).status == 200
    for path in ("/", f"{ROOT}stage/index.js", f"/static/js/{BUNDLE.name}"):
        assert ask(server, path).status == BEHIND
