"""The camera in a link: what is written is read back, and what makes no sense is told in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.stage.camera import is_camera, read_camera, write_camera


@given(st.tuples(st.integers(-180, 180), st.integers(8, 90)))
def test_camera_comes_back_from_a_link_as_it_was(camera):
    assert is_camera(camera)
    assert read_camera(write_camera(camera)) == camera


def test_camera_is_written_briefly():
    assert write_camera((-120, 45)) == "-120,45"


@pytest.mark.parametrize(
    "text",
    [
        *("", ",", "35", "35,", ",30", "35,30,0", "35;30", "35.0,30", "a,b", "nan,inf", "1e2,30", "--35,30"),
        *("181,30", "-181,30", "35,7", "35,91", "35,-30", " 35,30", "35,30\n", "٣٥,٣٠", "9" * 5000),
    ],
    ids=lambda text: text[:12],
)
def test_what_is_no_camera_is_told_with_its_bounds_and_an_example(text):
    words = r"^camera must be two whole numbers .* -180 to 180 .* 8 to 90 .* 35,30; got "
    with pytest.raises(ValueError, match=words) as error:
        read_camera(text)
    assert len(str(error.value)) < 300
