"""README and CONTRIBUTING name what there is, and nothing that there is not."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path, PurePosixPath

import pytest

import core
from core.command_line.options import make_parser
from core.distributed.command_line import make_distributed_parser
from core.mistakes import MISTAKES
from dashboard.webpage.__main__ import make_page_parser

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
OPTIONS = {
    name
    for parser in (make_page_parser(), make_distributed_parser())
    for action in parser._actions
    for name in action.option_strings
}
TORCHRUN_OPTIONS = {"--nnodes", "--rdzv-endpoint"}


def folders(where: str) -> list[str]:
    """The folders below `where` that hold something, relative to it."""
    below = (path for path in (ROOT / where).rglob("*") if path.is_dir() and path.name != "__pycache__")
    return sorted(
        path.relative_to(ROOT / where).as_posix() for path in below if any(one.is_file() for one in path.iterdir())
    )


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def rows(where: str) -> list[tuple[list[str], list[str]]]:
    """Of the map's table of `where`, row by row: what is named at the left, and at the right."""
    _, _, table = CONTRIBUTING.partition(f"| in `{where}/` |")
    lines = table.partition("\n\n")[0].splitlines()[2:]
    cells = [line.strip("|").split("|") for line in lines]
    return [(quoted(left), quoted(right)) for left, right in cells]


@pytest.mark.parametrize("where", ["core", "dashboard"])
def test_every_folder_is_on_the_map(where):
    named = set()
    for left, right in rows(where):
        for name in left:
            # A folder's row names what is in it from there: folders, or files of theirs.
            for path in [name, *(f"{name}{other}" for other in right if name.endswith("/"))]:
                folder, _, _ = path.rpartition("/")
                named.update(part.as_posix() for part in (PurePosixPath(folder), *PurePosixPath(folder).parents))
    assert [folder for folder in folders(where) if folder not in named] == []


@pytest.mark.parametrize("where", ["core", "dashboard"])
def test_what_the_map_names_is_there(where):
    there = {path.relative_to(ROOT / where).as_posix() for path in (ROOT / where).rglob("*")}
    for left, right in rows(where):
        assert {name.rstrip("/") for name in left} <= there
        for name in right:
            if re.search(r"/$|\.(py|js)$", name):
                assert any(path.endswith(f"/{name.rstrip('/')}") for path in there), name


def test_every_file_that_is_spoken_of_is_there():
    hidden = (ROOT / ".venv", ROOT / ".git")
    paths = [path for top in ROOT.iterdir() if top not in hidden for path in (top, *top.rglob("*"))]
    there = [f"/{path.relative_to(ROOT).as_posix()}" for path in paths]
    spoken_of = {name for text in (README, CONTRIBUTING) for name in quoted(text)}
    files = {name for name in spoken_of if re.fullmatch(r"[\w./-]+\.(py|js|css|toml|txt|md)", name)}
    assert len(files) > 10
    for name in files:
        assert any(path.endswith(f"/{name}") for path in there), name


def test_every_target_of_make_that_is_spoken_of_is_one():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    spoken_of = set(re.findall(r"(?:^|`)make (?:[A-Z]+=\S+ )?([\w-]+)", README + CONTRIBUTING, re.MULTILINE))
    assert {"run", "test", "bench", "format"} <= spoken_of <= targets


def test_the_command_lines_that_are_shown_are_read(monkeypatch):
    for command, parser in (
        ("python -m core", make_parser()),
        ("python -m dashboard.webpage", make_page_parser()),
        ("torchrun --standalone --nproc-per-node 2 -m core --", make_distributed_parser()),
    ):
        lines = re.findall(rf"^\$ {re.escape(command)} (.*)$", README, re.MULTILINE)
        assert lines
        for line in lines:
            assert vars(parser.parse_args(shlex.split(line)))
    for option in re.findall(
        r"(?<!\S)`?(--[a-z-]+)", " ".join(name for name in quoted(README) if "pip" not in name and "server" not in name)
    ):
        assert option in OPTIONS | TORCHRUN_OPTIONS | {"--only"}


def test_help_says_something_of_every_option():
    for action in make_distributed_parser()._actions:  # those of make_parser are among them
        assert action.help, action.option_strings
        assert action.help != argparse.SUPPRESS


def test_every_mistake_is_listed_with_its_link():
    links = re.findall(r"^\| `/mistakes\?mistake=([\w-]+)` \| .+ \|$", README, re.MULTILINE)
    assert links == [mistake.name for mistake in MISTAKES]


def test_what_the_examples_import_is_offered():
    imports = re.findall(r"^from core import (.*)$", README, re.MULTILINE)
    assert imports
    for names in imports:
        assert set(names.split(", ")) <= set(core.__all__)
