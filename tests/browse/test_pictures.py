from __future__ import annotations

import io

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from medpix2.browse.app import make_app
from medpix2.pipeline.build import build
from medpix2.pipeline.find import find


@pytest.fixture(scope="module")
def image(phantom_store):
    """Return a current image document."""
    return find(phantom_store, by="image", limit=1).matches[0].images[0]


def test_a_picture_is_the_very_file(client, phantom_store, image):
    file = phantom_store.settings.home / "pictures" / image["meta"]["file"]["path"]
    answer = client.get(f"/picture/{image['_id']}")
    assert answer.content == file.read_bytes()
    assert answer.headers["content-type"] == "image/png"


def test_a_browser_that_has_a_picture_is_told_so(client, image):
    for address in (f"/picture/{image['_id']}", f"/thumbnail/160/{image['_id']}"):
        tag = client.get(address).headers["etag"]
        again = client.get(address, headers={"If-None-Match": tag})
        assert again.status_code == 304
        assert not again.content


def test_a_thumbnail_is_a_small_webp_that_is_kept(client, phantom_store, image):
    answer = client.get(f"/thumbnail/160/{image['_id']}")
    with Image.open(io.BytesIO(answer.content)) as small:
        assert small.format == "WEBP"
        assert max(small.size) <= 160
    kept = phantom_store.settings.home / "thumbnails" / "160"
    assert answer.content in [file.read_bytes() for file in kept.glob("*/*.webp")]


@pytest.mark.parametrize(
    "name", ["nobody", "..%2F..%2Fetc%2Fpasswd", "%00", "MPX1' || '1", "{$gt: 1}"]
)
def test_no_other_file_comes_out(client, name):
    for address in (f"/picture/{name}", f"/thumbnail/160/{name}"):
        assert client.get(address).status_code in (400, 404)


def test_a_size_that_is_not_made_is_refused(client, image):
    assert client.get(f"/thumbnail/5000/{image['_id']}").status_code == 404


def test_a_file_that_vanished_or_broke_is_said_to_be_so(fresh_home, source):
    build(fresh_home, source.write())
    with TestClient(make_app(fresh_home), base_url="http://localhost") as client:
        pictures = list((fresh_home.home / "pictures").rglob("*.png"))
        for path in pictures:
            path.write_bytes(b"no picture")
        broken = client.get("/thumbnail/160/MPX1_ct0.json")
        assert broken.status_code == 404
        broken = client.get("/thumbnail/160/MPX1_ct0")
        assert broken.status_code == 404
        assert "broken" in broken.text
        for path in pictures:
            path.unlink()
        assert "cannot be read" in client.get("/picture/MPX1_ct0").text
