from __future__ import annotations

import pytest

from medpix2.pipeline.build import build
from medpix2.pipeline.releasing import make_release


@pytest.fixture
def built(fresh_home, source):
    build(fresh_home, source.write())
    return source


def test_the_life_of_a_release(built, medpix2, fresh_home):
    made = medpix2("release", "make", "2026.1").stdout
    assert "Froze 5 cases with 9 images as release 2026.1" in made
    assert "a release is frozen" in medpix2.failing("release", "make", "2026.1")
    built.found("MPX1")["Case"]["Title"] = "Another"
    build(fresh_home, built.write())
    make_release(fresh_home, "2026.2")
    assert [row["name"] for row in medpix2.json("release", "list", "--json")] == [
        "2026.1",
        "2026.2",
    ]
    shown = medpix2.json("release", "show", "2026.1", "--json")
    assert shown["sha256"] in made
    assert shown["counts"]["images"] == len(shown["images"]) == 9
    assert "5 cases, 9 images" in medpix2("release", "show", "2026.1").stdout
    found = medpix2.json("release", "diff", "2026.1", "2026.2", "--json")
    assert found["cases"]["changed"] == {"MPX1": ["Case.Title"]}
    assert "MPX1\tCase.Title" in medpix2("release", "diff", "2026.1", "2026.2").stdout


def test_a_check_that_finds_something_ends_with_one(built, medpix2, fresh_home):
    make_release(fresh_home, "a")
    next((fresh_home.home / "pictures").glob("*/*.png")).unlink()
    done = medpix2("release", "check", "a", code=1)
    assert "cannot be read" in done.stdout
    assert "is not whole: 1 problems" in done.stdout
