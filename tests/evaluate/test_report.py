from __future__ import annotations

import re

import numpy as np
import pytest

from medpix2.evaluate.report import worst_mistakes, write_report
from medpix2.evaluate.scoring import scored
from medpix2.export.pairs import read_pairs


@pytest.fixture
def pairs(pairs_folder):
    return read_pairs(pairs_folder, "dev")


def test_the_surest_mistakes_come_first(pairs):
    values = np.tile([0.6, 0.4], (12, 1))
    values[3] = [0.9, 0.1]  # of a case of MR
    found = worst_mistakes(values, pairs, "modality", ("CT", "MR"))
    assert [one[1:] for one in found] == [("MR", "CT", 0.9)] + [("MR", "CT", 0.6)] * 3
    assert found[0][0] == pairs[3]


def test_the_page_stands_alone_and_escapes_names(pairs, tmp_path):
    score = scored(np.ones((12, 1)), pairs, "modality", ("CT",))
    result = {
        "model": "<b>mine</b>", "split": "dev", "pictures": 12, "cases": 6, "retrieval": {},
        "tasks": {"modality": {**score, "ways": {"heads": score}}},
    }  # fmt: skip
    wrong = {"modality": worst_mistakes(np.ones((12, 1)), pairs, "modality", ("CT",))}
    write_report(tmp_path / "a.html", result, wrong)
    page = (tmp_path / "a.html").read_text()
    assert "<b>mine" not in page and "&lt;b&gt;mine" in page
    assert page.count("<figure>") == 4 and "told CT (100%)" in page
    assert set(re.findall(r"src='(data:image/[a-z]+|[^']*)", page)) == {
        "data:image/png", "data:image/jpeg"
    }  # fmt: skip
