"""The guide shows what is there: each picture that it links to, and no file that nobody sees."""

from __future__ import annotations

from tools import pictures

MOST_BYTES = 4 * 1024 * 1024


def test_each_picture_is_linked_to_and_there_and_can_be_taken_anew() -> None:
    shown = pictures.linked()
    assert {one.file for one in shown} == {path.name for path in pictures.PICTURES.iterdir()}
    assert {one.screen for one in shown} == set(pictures.SCREENS)


def test_the_pictures_are_no_burden_to_who_clones() -> None:
    assert sum(path.stat().st_size for path in pictures.PICTURES.iterdir()) < MOST_BYTES
