"""The ready list of scenes for the whole lesson: every one of them can be opened, and shows what it says."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from visit import open_page, sentences

import dashboard
from core import Experiment, train
from core.course import CHAPTERS
from core.mistakes import MISTAKES
from dashboard.lab.link import MOST_LETTERS

BEATS = ("", "forward", "loss", "backward", "update")
FILE = Path(dashboard.__file__).parent / "static" / "room" / "scenes" / "lesson.json"
TOLD = json.loads(FILE.read_text(encoding="utf-8"))
SCENES = TOLD["scenes"]


def query_of(scene) -> dict[str, list[str]]:
    return parse_qs(scene["link"].removeprefix("?"), strict_parsing=True)


def on(page: str) -> list:
    return [pytest.param(scene, id=scene["title"]) for scene in SCENES if scene["page"] == page]


def test_the_lesson_is_a_list_as_the_lab_saves_them():
    assert (TOLD["format"], TOLD["version"]) == ("gradient-descent-lab-scenes", 1)
    assert 20 <= len(SCENES) <= 30
    assert len({scene["title"] for scene in SCENES}) == len(SCENES)
    for scene in SCENES:
        assert scene["link"].startswith("?")
        assert len(scene["link"]) <= MOST_LETTERS
        assert scene["notes"]
        assert scene["beat"] in BEATS


@pytest.mark.parametrize("scene", on("lab"))
def test_every_link_to_the_lab_is_read_without_a_problem_and_written_as_it_is(scene):
    page = open_page(**query_of(scene))
    assert sentences(page) == ""
    written = {name: values if isinstance(values, list) else [values] for name, values in page.query_params.items()}
    assert written == query_of(scene)
    assert page.session_state["comparing"].projector
    base = Experiment(**{name: page.session_state["fields"][name] for name in Experiment().to_dict()})
    records = sum(1 for _ in train(base))
    # On the way to the next epoch there has to be one.
    assert scene["epoch"] + (scene["beat"] == "update") < records


def test_every_chapter_of_the_course_has_its_scene_in_its_turn():
    named = [query_of(scene)["chapter"] for scene in SCENES if scene["page"] == "course"]
    assert named == [[chapter.name] for chapter in CHAPTERS]


@pytest.mark.parametrize("scene", on("mistakes"))
def test_every_mistake_is_there(scene):
    assert query_of(scene) == {"mistake": [scene["link"].removeprefix("?mistake=")]}
    assert query_of(scene)["mistake"][0] in [mistake.name for mistake in MISTAKES]


def test_scenes_are_of_these_pages_alone():
    assert {scene["page"] for scene in SCENES} == {"lab", "course", "mistakes"}
