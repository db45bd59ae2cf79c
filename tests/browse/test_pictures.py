from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from medpix2.browse import pictures
from medpix2.browse.app import make_app
from medpix2.browse.pictures import picture_address, place_of, thumbnail_address, trouble_of
from medpix2.pipeline.build import build
from medpix2.pipeline.find import find
from medpix2.store.database import open_store


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


def test_an_address_that_says_the_content_is_kept_for_good(client, image):
    for address in (picture_address(image), thumbnail_address(image, 320)):
        kept = client.get(address).headers
        assert "immutable" in kept["cache-control"]
        again = client.get(address, headers={"If-None-Match": kept["etag"]})
        assert (again.status_code, again.headers["cache-control"]) == (304, kept["cache-control"])
        other = client.get(address.partition("=")[0] + "=0123456789abcdef")
        assert "immutable" not in other.headers["cache-control"]


def test_many_ask_for_one_thumbnail_and_it_is_made_once(client, phantom_store, monkeypatch):
    image = find(phantom_store, by="image", limit=9).matches[-1].images[0]
    made = []
    small = pictures._small
    monkeypatch.setattr(pictures, "_small", lambda *given: made.append(given) or small(*given))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(client.get, [f"/thumbnail/320/{image['_id']}"] * 16))
    assert len({answer.content for answer in answers}) == 1
    with Image.open(io.BytesIO(answers[0].content)) as shown:
        shown.load()
    assert len(made) == 1


def test_a_thumbnail_that_lost_its_content_is_made_again(client, phantom_store, image):
    whole = client.get(f"/thumbnail/160/{image['_id']}").content
    kept = list((phantom_store.settings.home / "thumbnails" / "160").glob("*/*.webp"))
    for file in kept:
        file.write_bytes(b"")
    assert client.get(f"/thumbnail/160/{image['_id']}").content == whole


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


def test_a_tiff_of_16_bits_is_shown_as_a_picture_that_browsers_know(fresh_home, source):
    build_from = Path(source.write())
    (build_from / "images" / "MPX1_ct0.png").unlink()
    deep = np.linspace(1000, 3000, 24, dtype=np.uint16).reshape(4, 6)
    Image.fromarray(deep).save(build_from / "images" / "MPX1_ct0.tif")
    build(fresh_home, str(build_from))
    with TestClient(make_app(fresh_home), base_url="http://localhost") as client:
        for address in ("/picture/MPX1_ct0", "/thumbnail/160/MPX1_ct0"):
            with Image.open(io.BytesIO(client.get(address).content)) as shown:
                assert shown.format in ("PNG", "WEBP")
                low, high = shown.convert("L").getextrema()
                assert low < 10
                assert high > 245
        kept = client.get("/picture/MPX1_ct0/file")
        assert kept.headers["content-type"] == "image/tiff"
        assert kept.content == (build_from / "images" / "MPX1_ct0.tif").read_bytes()


def test_a_file_that_is_another_one_now_is_shown_but_not_kept(fresh_home, source):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        image = store.current.find_one({"_id": "MPX1_ct0"})
        path = place_of(fresh_home, image["meta"]["file"]["path"])
        assert trouble_of(fresh_home, image["meta"]["file"]) is None
        Image.new("L", (60, 40), 99).save(path)
        assert "changed" in trouble_of(fresh_home, image["meta"]["file"])
        with TestClient(make_app(fresh_home), base_url="http://localhost") as client:
            for address in (picture_address(image), thumbnail_address(image, 160)):
                answer = client.get(address)
                assert answer.status_code == 200
                assert answer.headers["cache-control"] == "no-store"
                assert "etag" not in answer.headers
            assert not list((fresh_home.home / "thumbnails").rglob("*.webp"))
            path.unlink()
            assert "cannot be read" in trouble_of(fresh_home, image["meta"]["file"])
            assert "cannot be shown" in client.get("/case/MPX1").text
    assert trouble_of(fresh_home, None)
