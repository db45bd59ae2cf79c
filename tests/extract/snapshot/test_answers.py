from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from dataclasses import replace

import pytest

from medpix2.errors import SourceError
from medpix2.extract.redact import TOKEN
from medpix2.extract.snapshot.answers import Answer
from medpix2.extract.snapshot.folder import open_snapshot
from medpix2.extract.snapshot.tables import ANSWERS, PICTURES


def answer_of(body: bytes, key: str = "topic/1", **more) -> Answer:
    digest = hashlib.sha256(body).hexdigest()
    made = Answer(
        key=key, kind="topic", url="https://medpix.example/rest", at="2026-01-01T00:00:00+00:00",
        status=200, headers={"etag": '"1"'}, received=digest, stored=digest, body=body,
    )  # fmt: skip
    return replace(made, **more)


def keep(snapshot, answer: Answer) -> bool:
    with snapshot.writing():
        return snapshot.answers.keep(answer)


@pytest.fixture
def snapshot(tmp_path):
    with open_snapshot(tmp_path / "s", create=True) as opened:
        opened.begin({}, "begun")
        yield opened


def test_an_answer_comes_back_as_it_was_kept(snapshot):
    answer = answer_of(b'{"title": "M\xc3\xa9ni\xc3\xa8re"}', emails=2)
    assert keep(snapshot, answer)
    assert snapshot.answers.latest("topic/1") == answer
    assert snapshot.answers.object("topic/1") == {"title": "Ménière"}
    assert snapshot.answers.latest("topic/2") is None


def test_an_answer_that_has_not_changed_is_stored_once(snapshot):
    assert keep(snapshot, answer_of(b"{}"))
    assert not keep(snapshot, answer_of(b"{}", at="2026-02-02T00:00:00+00:00"))
    assert len(snapshot.answers.history("topic/1")) == 1


def test_what_was_received_decides_whether_it_has_changed(snapshot):
    """Two addresses redacted to the same text are two answers."""
    keep(snapshot, answer_of(b"{}", received="a" * 64))
    assert keep(snapshot, answer_of(b"{}", received="b" * 64))
    assert [a.received[0] for a in snapshot.answers.history("topic/1")] == ["a", "b"]


def test_earlier_answers_stay_and_one_may_come_again(snapshot):
    for body in (b'{"n": 1}', b'{"n": 2}', b'{"n": 1}'):
        assert keep(snapshot, answer_of(body))
    assert [json.loads(a.body)["n"] for a in snapshot.answers.history("topic/1")] == [1, 2, 1]
    assert snapshot.answers.object("topic/1") == {"n": 1}


def test_an_answer_without_what_was_asked_for_is_kept_but_is_not_good(snapshot):
    keep(snapshot, answer_of(b"<html>", status=404))
    assert not snapshot.answers.good("topic/1")
    assert snapshot.answers.object("topic/1") is None
    assert snapshot.answers.latest("topic/1").body == b"<html>"
    keep(snapshot, answer_of(b"{}"))
    assert snapshot.answers.good("topic/1")


def test_a_run_knows_what_it_has_had_itself(snapshot):
    keep(snapshot, answer_of(b"{}"))
    keep(snapshot, answer_of(b"{}", key="page/c/1", kind="page"))
    assert snapshot.answers.counts() == {"topic": 1, "page": 1}
    snapshot.begin({"other": True}, "later")
    assert not snapshot.answers.in_this_run("topic/1")
    assert snapshot.answers.counts() == {"topic": 1}  # pages are counted by run
    with snapshot.writing():
        snapshot.answers.confirm("topic/1")
    assert snapshot.answers.in_this_run("topic/1")


def test_a_picture_lies_in_a_file_by_its_hash_and_once(snapshot):
    body = b"\x89PNG picture"
    digest = hashlib.sha256(body).hexdigest()
    for key in ("picture/512/A", "picture/512/B"):
        keep(snapshot, answer_of(body, key=key, kind="picture", url="https://o.example/a.PNG?x=1"))
    path = snapshot.answers.picture("picture/512/A")
    assert path == snapshot.folder / PICTURES / digest[:2] / f"{digest}.png"
    assert path == snapshot.answers.picture("picture/512/B")
    assert path.read_bytes() == body == snapshot.answers.latest("picture/512/A").body
    assert [p for p in (snapshot.folder / PICTURES).rglob("*") if p.is_file()] == [path]


def test_a_picture_that_is_not_there_has_no_file(snapshot):
    keep(snapshot, answer_of(b"<html>", key="picture/512/A", kind="picture", status=404))
    assert snapshot.answers.picture("picture/512/A") is None
    assert snapshot.answers.picture("picture/512/B") is None
    assert not (snapshot.folder / PICTURES).exists()


def test_a_lost_picture_file_is_one_clear_error(snapshot):
    keep(snapshot, answer_of(b"picture", key="picture/512/A", kind="picture"))
    snapshot.answers.picture("picture/512/A").unlink()
    with pytest.raises(SourceError, match=r"cannot be read .*put it back, or make a new snapshot"):
        snapshot.answers.latest("picture/512/A")


def test_the_digest_is_of_the_latest_answers_whenever_they_came(snapshot, tmp_path):
    for key in ("topic/1", "topic/2"):
        keep(snapshot, answer_of(b"{}", key=key))
    with open_snapshot(tmp_path / "other", create=True) as other:
        other.begin({}, "at another time")
        keep(other, answer_of(b"[]", key="topic/1"))
        for key in ("topic/2", "topic/1"):
            keep(other, answer_of(b"{}", key=key, at="later", headers={}))
        assert other.answers.digest() == snapshot.answers.digest()
        keep(other, answer_of(b"[]", key="topic/3"))
        assert other.answers.digest() != snapshot.answers.digest()


def test_no_email_address_is_in_any_stored_byte_and_both_hashes_are_right(
    undisturbed, crawled_sites
):
    contents = {
        path: path.read_bytes() for path in undisturbed.rglob("*") if path.is_file()
    }  # fmt: skip
    assert contents
    db = sqlite3.connect(undisturbed / ANSWERS)
    rows = db.execute("SELECT url, received, stored, emails, body FROM answers WHERE body NOT NULL")
    removed = 0
    for url, received, stored, emails, packed in rows:
        body = zlib.decompress(packed)
        contents[url] = body
        original = crawled_sites.bytes(url.removeprefix(crawled_sites.url))
        assert (b"@example.org" in original) == (emails > 0), url
        assert received == hashlib.sha256(original).hexdigest()
        assert stored == hashlib.sha256(body).hexdigest()
        removed += body.count(TOKEN.encode())
    contents |= {
        image: zlib.decompress(packed)
        for image, packed in db.execute("SELECT image, body FROM records")
    }
    db.close()
    assert not [where for where, content in contents.items() if b"@example.org" in content]
    with open_snapshot(undisturbed) as snapshot:
        assert snapshot.answers.emails() == removed > 0
