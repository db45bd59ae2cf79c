from __future__ import annotations

from medpix2.pipeline.build import build
from medpix2.pipeline.releasing import make_release


def test_a_case_is_withdrawn_listed_left_out_and_brought_back(medpix2, fresh_home, source):
    build(fresh_home, source.write())
    make_release(fresh_home, "2026.1")
    assert "add --reason TEXT" in medpix2.failing("withdraw", "MPX1")
    assert "did you mean MPX1" in medpix2.failing("withdraw", "MPX11", "--reason", "asked")
    done = medpix2("withdraw", "MPX1", "--reason", "the author asked", "--by", "me").stdout
    assert "Withdrew case MPX1. Removed or noted: 7 database, 3 pictures, 1 releases." in done
    assert "It is in the releases 2026.1" in done
    row = medpix2("withdraw", "--list").stdout.splitlines()[1]
    assert row.startswith("MPX1\tcase\tme\t")
    assert row.endswith("\tthe author asked")
    built = medpix2("build", str(source.folder)).stdout
    assert "Left out what was withdrawn (1): MPX1." in built
    assert "build again" in medpix2("withdraw", "--restore", "MPX1").stdout
    again = medpix2.json("build", str(source.folder), "--json")
    assert (again["cases"]["new"], again["withdrawn"]) == (1, [])


def test_without_an_id_it_says_what_to_do(medpix2):
    assert "name a case or picture, or use --list" in medpix2.failing("withdraw")
