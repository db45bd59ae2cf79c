from __future__ import annotations

import pytest

from medpix2.pipeline.build import build


@pytest.fixture
def built(inside, source, fresh_home):
    build(fresh_home, source.write())
    return inside


def test_the_report_is_printed_as_tables_and_as_json(built):
    printed = built("curate", "split", "--anew", "--sizes", "1/0/0", "--no-halves").stdout
    assert "# Balance (images by Type and Location Category)\nsplit\tcases\twanted %" in printed
    assert "\ntrain\t5\t100\t9\t" in printed
    assert "# Leakage (groups of tied cases on several sides)\nshared\tgroups" in printed
    assert "parted 5, left out 0; the split of 2 changed." in printed
    assert built.json("find", "--split", "train", "--json")["images"] == 9
    tried = built.json("curate", "split", "--anew", "--dry-run", "--json")
    assert tried["dry_run"]
    assert sum(part["cases"] for part in tried["parts"] if "_" not in part["name"]) == 5


def test_sizes_that_make_no_sense_are_one_line(inside):
    assert "as in 80/10/10" in inside.failing("curate", "split", "--sizes", "80-20")
