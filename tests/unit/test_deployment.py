"""The files of `deploy/` agree with one another, with what the lab bounds, and with what is said of them."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from core.data.tables import MAX_BYTES

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def test_the_picture_is_what_its_program_draws():
    program = runpy.run_path(str(DEPLOY / "picture.py"))
    assert program["FILE"].read_text(encoding="utf-8") == program["picture"]()


@pytest.mark.parametrize("name", ["compose.yaml", "haproxy.cfg"])
def test_every_setting_is_explained(name):
    settings = set(re.findall(r"\$\{(\w+)", text(name)))
    assert settings
    for setting in settings:
        assert re.search(rf"\b{setting}\b", README), setting


def test_what_goes_into_the_image_is_there_and_let_through():
    let_through = re.findall(r"^!(.+)$", text("Dockerfile.dockerignore"), re.MULTILINE)
    copied = re.findall(r"^COPY (?!--from)(\S+) ", text("Dockerfile"), re.MULTILINE)
    assert {"core", "dashboard"} <= set(copied)
    for path in copied:
        assert (ROOT / path).exists(), path
        assert any(path == one or path.startswith(f"{one}/") for one in let_through), path


def test_secrets_must_be_set():
    for secret in ("GDL_ROOM_KEY", "STREAMLIT_SERVER_COOKIE_SECRET"):
        assert f"{secret}: ${{{secret}:?" in text("compose.yaml")


def test_every_service_is_hardened():
    services = re.findall(r"^  (\w+):\n    <<: \*hardened$", text("compose.yaml"), re.MULTILINE)
    assert services == ["proxy", "replica", "redis"]
    assert len(re.findall(r"memory: \d+[MG], pids: \d+", text("compose.yaml"))) == len(services)


def test_the_proxy_lets_through_the_largest_file_that_the_page_takes():
    [bound] = re.findall(r"deny status 413 .* if \{ req\.body_size gt (\d+) \}", text("haproxy.cfg"))
    assert MAX_BYTES < int(bound) < 1.5 * MAX_BYTES
