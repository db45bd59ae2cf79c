"""What a snapshot is as a source: held against the answers that a test puts into it."""

from __future__ import annotations

import hashlib
import json

import pytest

from medpix2.extract.crawled import CrawledSource
from medpix2.extract.snapshot.answers import Answer
from medpix2.extract.snapshot.folder import open_snapshot
from medpix2.extract.snapshot.listing import Record
from medpix2.pipeline.build import build
from medpix2.store.database import open_store

WHOLE = {"modalities": ["CT", "MR"], "limit": None, "since": None, "only": []}


def record(uid: str, n: int) -> dict:
    return {
        "uid": uid, "pmcid": uid.removeprefix("MPX"), "title": f"Title of {uid}",
        "abstract": "<p><b>History: </b>A cough.</p>", "medpixArticleId": f"enc-{uid}",
        "medpixFigureId": f"img-{uid}-{n}",
        "image": {"id": f"{uid}_synpic{n}", "modalityMajor": "c", "caption": f"Caption {n}"},
    }  # fmt: skip


@pytest.fixture
def snapshot(tmp_path):
    with open_snapshot(tmp_path / "s", create=True) as opened:
        opened.begin(WHOLE, "first")
        yield opened


def list_records(snapshot, *records: dict) -> None:
    with snapshot.writing():
        for place, row in enumerate(records):
            snapshot.listing.note(Record(row["image"]["id"], row["uid"], place, row))


def keep(snapshot, key: str, content: dict | bytes, *, status: int = 200) -> None:
    kind = key.partition("/")[0]
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    digest = hashlib.sha256(body).hexdigest()
    url = f"https://m.example/{key}.png"
    with snapshot.writing():
        snapshot.answers.keep(
            Answer(key, kind, url, "now", status, {}, digest, digest, body=body)  # type: ignore[arg-type]
        )


def complete(snapshot, uid: str = "MPX1") -> None:
    list_records(snapshot, record(uid, 1))
    keep(
        snapshot, f"encounter/enc-{uid}", {"encounterID": f"enc-{uid}", "topicID": "t", "age": "7"}
    )
    words = {"keyword1": "Brain cyst", "keyword2": "rare", "keyword3": "null"}
    keep(snapshot, "topic/t", {"topicID": "t", "title": "A topic", "location": "Spine", **words})
    keep(snapshot, f"image/img-{uid}-1", {"imageID": f"img-{uid}-1", "plane": "Axial"})


def test_the_answers_of_a_case_make_its_documents(snapshot):
    complete(snapshot)
    source = CrawledSource(snapshot)
    ((_, case),) = source.cases()
    ((_, image),) = source.images()
    assert case.document["Case"]["Title"] == "Title of MPX1"
    assert case.document["Topic"]["Title"] == "A topic"
    assert (case.problems, case.findings) == ((), ())
    assert image.document["Description"]["Age"] == "7"
    assert image.document["Description"]["Plane"] == "Axial"
    assert image.document["Location Category"] == "Spine and Muscles"
    assert list(source.cases()) == list(source.cases())


def test_what_medpix_did_not_answer_is_named(snapshot):
    complete(snapshot)
    keep(snapshot, "topic/t", b"<html>", status=404)
    ((_, case),) = CrawledSource(snapshot).cases()
    (problem,) = case.problems
    assert (problem.kind, problem.severity, problem.id) == ("partial", "warning", "MPX1")
    assert "has not answered for topic" in problem.message
    assert case.source["partial"] == ("topic",)


def test_a_case_that_a_crawl_of_everything_lists_no_more_is_gone_but_not_by_a_part(snapshot):
    list_records(snapshot, record("MPX1", 1), record("MPX2", 2), record("MPX2", 3))
    snapshot.end("later")

    def ids():
        source = CrawledSource(snapshot)
        cases = [checked.document["U_id"] for _, checked in source.cases()]
        return cases, [checked.document["image"] for _, checked in source.images()]

    everything = (["MPX1", "MPX2"], ["MPX1_synpic1", "MPX2_synpic2", "MPX2_synpic3"])
    for part in ({"limit": 1}, {"since": "2020-01-01"}, {"only": ["MPX2"]}, {"modalities": ["CT"]}):
        snapshot.begin({**WHOLE, **part}, "later")
        list_records(snapshot, record("MPX2", 2))
        snapshot.end("later")
        assert ids() == everything, part
    snapshot.begin(WHOLE, "later")
    list_records(snapshot, record("MPX2", 2))
    assert ids() == everything  # nor by one that has not ended
    snapshot.end("later")
    assert ids() == (["MPX2"], ["MPX2_synpic2"])


def test_the_largest_picture_that_there_is_is_taken(snapshot):
    list_records(snapshot, record("MPX1", 1), record("MPX1", 2), record("MPX1", 3))
    keep(snapshot, "picture/512/MPX1_synpic1", b"small")
    keep(snapshot, "picture/full/MPX1_synpic1", b"large")
    keep(snapshot, "picture/512/MPX1_synpic2", b"small too")
    keep(snapshot, "picture/full/MPX1_synpic2", b"<html>", status=404)
    pictures = CrawledSource(snapshot).pictures
    assert {name: path.read_bytes() for name, path in pictures.items()} == {
        "MPX1_synpic1": b"large", "MPX1_synpic2": b"small too",
    }  # fmt: skip
    assert len(pictures) == 2 and "MPX1_synpic3" not in pictures


def test_what_differs_between_the_sites_becomes_findings_and_key_words_stay_apart(
    tmp_path, fresh_home
):
    with open_snapshot(tmp_path / "s", create=True) as snapshot:
        snapshot.begin(WHOLE, "first")
        complete(snapshot)
        told = {"encounterID": "enc-MPX1", "topicID": "t", "history": "A sneeze."}
        keep(snapshot, "encounter/enc-MPX1", told)
    build(fresh_home, str(tmp_path / "s"))
    with open_store(fresh_home) as store:
        (found,) = store.db["findings"].find({}, {"_id": 0, "case": 1, "field": 1, "message": 1})
        assert found == {
            "case": "MPX1", "field": "Case.History", "message": "MedPix has: A sneeze.",
        }  # fmt: skip
        case = store.cases.find_one({"_id": "MPX1"})
        assert case["Case"]["History"] == "A cough."
        assert case["normalized"]["keywords"] == ["Brain cyst", "rare"]
        assert case["Topic"]["Keywords"] == "Brain cystrare"
    with open_snapshot(tmp_path / "s") as snapshot:
        keep(snapshot, "encounter/enc-MPX1", {**told, "history": "A cough."})
    build(fresh_home, str(tmp_path / "s"))
    with open_store(fresh_home) as store:
        assert store.db["findings"].count_documents({}) == 0
