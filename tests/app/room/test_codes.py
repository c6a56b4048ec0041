"""Codes of rooms: nobody misreads one, and everybody may write it as they like."""

from __future__ import annotations

import pytest

from dashboard.room.codes import ALPHABET, LENGTH, new_code, read_code

TAKEN_FOR_ONE_ANOTHER = ("0OQ", "1IL", "2Z", "5S", "6G", "8B", "UV")


@pytest.mark.parametrize("alike", TAKEN_FOR_ONE_ANOTHER)
def test_of_characters_that_are_taken_for_one_another_there_is_one_at_most(alike):
    assert len(set(alike) & set(ALPHABET)) <= 1


def test_codes_are_of_the_alphabet_and_differ():
    codes = {new_code() for _ in range(1000)}
    assert len(codes) > 990
    assert all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in codes)


@pytest.mark.parametrize("written", ["K7QXM2", "k7qxm2", " K7Q XM2 ", "k7q-xm2"])
def test_code_is_read_however_it_is_written(written):
    assert read_code(written) == "K7QXM2"


@pytest.mark.parametrize("written", ["", "K7QXM", "K7QXM22", "K7QXM0", "K7QXMß", "../../", "K7QXM2" * 10**5])
def test_anything_else_is_no_code(written):
    assert read_code(written) == ""
