from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib

import pytest

from medpix2.extract.snapshot.answers import Answer
from medpix2.extract.snapshot.folder import open_snapshot
from medpix2.extract.snapshot.frontier import Wanted
from medpix2.extract.snapshot.listing import Record
from medpix2.extract.snapshot.tables import ANSWERS, PICTURES

TOPICS = {"MPX1": "t1", "MPX2": "t2", "MPX3": "t2"}  # two cases share one


def record(uid, image, uuid):
    return {
        "uid": uid, "image": {"id": image}, "medpixArticleId": f"e-{uid}", "medpixFigureId": uuid,
        "title": f"secret of {uid}",
    }  # fmt: skip


ROWS = [
    record("MPX1", "MPX1_a", "u1"), record("MPX1", "MPX1_b", "u2"),
    record("MPX2", "MPX2_a", "u3"), record("MPX3", "MPX3_a", "u4"),
]  # fmt: skip


def answer(key, kind, content):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    digest = hashlib.sha256(body).hexdigest()
    url = f"https://o.example/{key}.png"
    return Answer(key, kind, url, "2026-01-01", 200, {}, digest, digest, 0, body)


def kept(folder):
    """Return the names of all answers, with their content."""
    db = sqlite3.connect(folder / ANSWERS)
    rows = db.execute("SELECT key, body FROM answers").fetchall()
    db.close()
    return {key: zlib.decompress(body) if body else None for key, body in rows}


@pytest.fixture
def folder(tmp_path):
    """Make a snapshot of three cases; pictures of MPX1_a and MPX2_a have the same content."""
    place = tmp_path / "s"
    with open_snapshot(place, create=True) as snapshot:
        snapshot.begin({}, "begun")
        with snapshot.writing():
            snapshot.answers.keep(answer("page/c/1", "page", {"total": 4, "list": ROWS}))
            for at, row in enumerate(ROWS):
                uid, image = row["uid"], row["image"]["id"]
                snapshot.listing.note(Record(image, uid, at, row))
                images = [{"imageID": r["medpixFigureId"]} for r in ROWS if r["uid"] == uid]
                said = {"encounterID": f"e-{uid}", "topicID": TOPICS[uid], "imageList": images}
                snapshot.answers.keep(answer(f"encounter/e-{uid}", "encounter", said))
                snapshot.answers.keep(answer(f"topic/{TOPICS[uid]}", "topic", {"title": uid}))
                snapshot.answers.keep(answer(f"image/{row['medpixFigureId']}", "image", {"c": uid}))
                body = b"same" if image in ("MPX1_a", "MPX2_a") else image.encode()
                snapshot.answers.keep(answer(f"picture/512/{image}", "picture", body))
            wanted = Wanted("picture/full/MPX1_b", "picture", ("https://m.example/x.jpg",))
            snapshot.frontier.add([wanted])
    return place


def pictures(folder):
    return sorted(path.read_bytes() for path in (folder / PICTURES).rglob("*") if path.is_file())


def test_a_case_goes_with_all_that_is_its_own(folder):
    before = kept(folder)
    with open_snapshot(folder) as snapshot:
        names = snapshot.names_in({"MPX1"})
        assert names == {"MPX1", "MPX1_a", "MPX1_b", "e-MPX1", "u1", "u2"}
        assert snapshot.remove(names) == 9  # 6 answers, 2 records, the page anew
        assert snapshot.listing.case_ids() == ["MPX2", "MPX3"]
        assert snapshot.frontier.counts() == {}
        assert snapshot.names_in(names) == set()
        assert snapshot.remove(names) == 0
    after = kept(folder)
    own = {"encounter/e-MPX1", "topic/t1", "image/u1", "image/u2",
           "picture/512/MPX1_a", "picture/512/MPX1_b"}  # fmt: skip
    assert before.keys() - after.keys() == own
    assert json.loads(after["page/c/1"]) == {"total": 4, "list": ROWS[2:]}
    others = after.keys() - {"page/c/1"}
    assert {key: after[key] for key in others} == {key: before[key] for key in others}
    assert pictures(folder) == [b"MPX3_a", b"same"]


def test_nothing_of_it_stands_in_any_byte_of_the_folder(folder):
    with open_snapshot(folder) as snapshot:
        snapshot.remove(snapshot.names_in({"MPX1"}))
    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"e-MPX2" in content
    for trace in (
        b"e-MPX1",
        b"MPX1_a",
        b"image/u1",
        zlib.compress(json.dumps({"c": "MPX1"}).encode()),
    ):
        assert trace not in content


def test_one_image_goes_and_its_case_stays(folder):
    with open_snapshot(folder) as snapshot:
        names = snapshot.names_in({"MPX1_a"})
        assert names == {"MPX1_a", "u1"}
        snapshot.remove(names)
        assert [r.image for r in snapshot.listing.records("MPX1")] == ["MPX1_b"]
        encounter = snapshot.answers.latest("encounter/e-MPX1")
    assert json.loads(encounter.body)["imageList"] == [{"imageID": "u2"}]
    assert encounter.stored == hashlib.sha256(encounter.body).hexdigest() != encounter.received
    assert "topic/t1" in kept(folder)
    assert not kept(folder).keys() & {"image/u1", "picture/512/MPX1_a"}


def test_a_shared_topic_goes_with_the_last_of_its_cases(folder):
    with open_snapshot(folder) as snapshot:
        snapshot.remove(snapshot.names_in({"MPX2"}))
        assert snapshot.answers.good("topic/t2")
        snapshot.remove(snapshot.names_in({"MPX3"}))
        assert snapshot.answers.latest("topic/t2") is None
