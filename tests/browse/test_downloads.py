from __future__ import annotations

import io
import json
import zipfile

import pytest
from fastapi.testclient import TestClient

from medpix2.browse.app import make_app
from medpix2.browse.downloads import as_file, safe_name
from medpix2.pipeline.build import build
from medpix2.pipeline.find import find, show
from medpix2.records import published
from medpix2.store.database import open_store


@pytest.fixture(scope="module")
def case(phantom_store):
    """Return a current case with pictures."""
    return find(phantom_store, limit=1).matches[0].case


def unzipped(answer) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


def test_the_json_of_a_case_is_the_published_document(client, case):
    answer = client.get(f"/case/{case['_id']}/published.json")
    assert answer.json() == published(case)
    assert answer.headers["content-disposition"] == f'attachment; filename="{case["_id"]}.json"'


def test_a_picture_is_the_very_file_under_the_name_of_the_image(client, phantom_store, case):
    image = show(phantom_store, case["_id"]).images[0]
    answer = client.get(f"/picture/{image['_id']}/file")
    file = phantom_store.settings.home / "pictures" / image["meta"]["file"]["path"]
    assert answer.content == file.read_bytes()
    assert answer.headers["content-disposition"] == f'attachment; filename="{image["_id"]}.png"'


def test_a_zip_file_is_a_source_of_which_the_same_case_is_built(
    client, phantom_store, case, fresh_home, tmp_path
):
    answer = client.get(f"/case/{case['_id']}/case.zip")
    assert answer.headers["content-type"] == "application/zip"
    taken = tmp_path / "case.zip"
    taken.write_bytes(answer.content)
    build(fresh_home, str(taken))
    with open_store(fresh_home) as store:
        there, here = show(phantom_store, case["_id"]), show(store, case["_id"])
    assert published(here.case) == published(there.case)
    for mine, theirs in zip(here.images, there.images, strict=True):
        assert published(mine) == published(theirs)
        assert mine["meta"]["file"]["sha256"] == theirs["meta"]["file"]["sha256"]


def test_a_zip_file_says_where_it_comes_from(client, case):
    said = (
        unzipped(client.get(f"/case/{case['_id']}/case.zip"))
        .read(f"{case['_id']}/SOURCE.txt")
        .decode()
    )
    assert case["Case"]["Title"] in said
    assert "Not for diagnosis" in said
    assert "Page on MedPix: https://" in said


def test_a_picture_that_is_gone_is_left_out_and_said_to_be(fresh_home, source):
    source.found("MPX1")["Case"]["Title"] = "A \u2028 title"
    build(fresh_home, source.write())
    gone = next((fresh_home.home / "pictures").rglob("*.png"))
    with open_store(fresh_home) as store:
        image = store.images.find_one({"file.sha256": gone.stem})
    gone.unlink()
    with TestClient(make_app(fresh_home), base_url="http://localhost") as client:
        archive = unzipped(client.get(f"/case/{image['U_id']}/case.zip"))
        one = client.get(f"/picture/{image['_id']}/file")
    assert not [name for name in archive.namelist() if image["_id"] in name]
    assert image["_id"] in archive.read(f"{image['U_id']}/SOURCE.txt").decode()
    described = json.loads(archive.read(f"{image['U_id']}/Descriptions.json"))
    assert image["_id"] in [row["image"] for row in described]
    assert one.status_code == 404


def test_what_is_not_there_is_a_404(client):
    for address in ("/case/nobody/case.zip", "/case/nobody/published.json", "/picture/nobody/file"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("text", "name"),
    [("MPX1_synpic2.png", "MPX1_synpic2.png"), ("../../etc/passwd", "__.._etc_passwd"),
     ('a"; x="b\r\nSet-Cookie: c', "a___x__b__Set-Cookie__c"), ("", "_"), ("...", "_"),
     ("ménière.zip", "m_ni_re.zip"), ("x" * 300 + ".zip", "x" * 96 + ".zip")],
)  # fmt: skip
def test_a_file_name_is_harmless(text, name):
    assert safe_name(text) == name
    assert as_file(text)["Content-Disposition"] == f'attachment; filename="{name}"'
