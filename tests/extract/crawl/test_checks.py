from __future__ import annotations

import io

import pytest
from PIL import Image

from medpix2.extract.crawl.checks import fault_of

JSON, HTML, PNG = (
    {"content-type": name} for name in ("application/json", "text/html", "image/png")
)


def picture(form: str) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 64), 40).convert("L").save(out, form)
    return out.getvalue()


@pytest.mark.parametrize(
    ("status", "headers", "body", "fault"),
    [
        (200, JSON, b'{"a": 1}', None),
        (200, HTML, b'{"a": 1}', None),  # a wrong type, but the right answer
        (200, {}, b'{"a": 1}', None),
        (200, JSON, b'{"a": ', "malformed"),
        (200, JSON, b"[1]", "malformed"),
        (200, JSON, b"", "malformed"),
        (200, JSON, b"[" * 100_000, "malformed"),
        (200, HTML, b"<html>down</html>", "content-type"),
        (404, HTML, b"<html>", None),
        (410, HTML, b"", None),
        (429, HTML, b"", "429"),
        (403, HTML, b"", "403"),
        (500, JSON, b'{"a": 1}', "500"),
    ],
)
def test_answers_of_the_rest_interface(status, headers, body, fault):
    assert fault_of("encounter", status, headers, body) == fault


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_is_kept_only_if_it_is_whole(form):
    whole = picture(form)
    kind = {"content-type": f"image/{form.lower()}"}
    assert fault_of("picture", 200, kind, whole) is None
    assert fault_of("picture", 200, HTML, whole) is None
    for share in (0.02, 0.3, 0.9):
        assert fault_of("picture", 200, kind, whole[: int(len(whole) * share)]) == "truncated"


def test_a_png_with_a_changed_byte_is_not_kept():
    broken = bytearray(picture("PNG"))
    broken[len(broken) // 2] ^= 1
    assert fault_of("picture", 200, PNG, bytes(broken)) == "truncated"


def test_what_is_no_picture_at_all():
    assert fault_of("picture", 200, HTML, b"<html>down</html>") == "content-type"
    assert fault_of("picture", 200, PNG, b"<html>down</html>") == "truncated"
    assert fault_of("picture", 404, HTML, b"<html>") is None
