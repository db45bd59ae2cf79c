import json

import pytest

from medpix2.errors import SourceError
from medpix2.phantom.sites.from_records import recorded_cases


def write(tmp_path, value):
    path = tmp_path / "records.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def test_records_of_a_case_stand_together_and_medpix_is_made_of_them(tmp_path):
    records = [
        {
            "uid": uid, "title": "T", "medpixArticleId": f"article-{uid}", "own": [1, None],
            "abstract": "<p><b>Diagnosis: </b>A &gt; B</p><p><b>Exam: </b>x\ny</p>",
            "image": {"id": f"{uid}_{n}", "caption": "C", "modalityMajor": "ph"},
        }
        for n, uid in enumerate(("MPX2", "MPX1", "MPX2"))
    ]  # fmt: skip
    cases = list(recorded_cases(write(tmp_path, records)))
    assert [(case.uid, len(case.pictures)) for case in cases] == [("MPX2", 2), ("MPX1", 1)]
    assert cases[0].uuid == "article-MPX2"
    assert cases[0].sections == {"Diagnosis": "A > B", "Exam": "x\ny"}
    assert cases[0].pictures[1].record == records[2]


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "is not JSON"), ("{}", "no JSON array"), ([{"uid": "MPX1"}], r"\[0\] is no record"),
     ([{"uid": "MPX1", "image": {"id": ""}}], "is no record"), (["x"], "is no record")],
)  # fmt: skip
def test_a_file_of_something_else_is_refused(tmp_path, content, said):
    with pytest.raises(SourceError, match=said):
        list(recorded_cases(write(tmp_path, content)))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        list(recorded_cases(tmp_path / "none.json"))
