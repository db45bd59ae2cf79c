from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from medpix2.errors import OutputError
from medpix2.export.content import Picture
from medpix2.export.format import Wishes
from medpix2.export.pictures import wished


@pytest.fixture
def saved(tmp_path):
    def save(image, name="p.png", **options):
        image.save(tmp_path / name, **options)
        return Picture({"image": "p"}, tmp_path / name)

    return save


def opened(found):
    return Image.open(io.BytesIO(found.read()))


def test_a_picture_that_no_wish_changes_keeps_its_file(saved, tmp_path):
    picture = saved(Image.new("L", (30, 20)))
    for wishes in (Wishes(), Wishes(image_size=30), Wishes(image_format="png")):
        found = wished(picture, wishes)
        assert found.content is None and found.suffix == ".png"
        assert found.read() == picture.path.read_bytes()
    (tmp_path / "no.png").write_bytes(b"not even a picture")
    assert wished(Picture({}, tmp_path / "no.png"), Wishes()).content is None


@pytest.mark.parametrize(
    ("size", "expected"),
    [((300, 200), (60, 40)), ((200, 300), (40, 60)), ((60, 1), (60, 1)), ((1000, 2), (60, 1))],
)
def test_the_longer_side_is_the_size_at_most(saved, size, expected):
    found = wished(saved(Image.new("RGB", size)), Wishes(image_size=60))
    assert opened(found).size == expected
    if size != expected:
        assert found.size == expected


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16", "F", "CMYK"])
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_every_mode_becomes_every_format_in_three_channels(saved, mode, kind):
    name = "p.tiff" if mode in ("F", "CMYK", "I;16", "I") else "p.png"
    picture = saved(Image.new(mode, (40, 30)), name)
    found = wished(picture, Wishes(rgb=True, image_format=kind, image_size=20))
    image = opened(found)
    assert (image.mode, image.format.lower(), image.size) == ("RGB", kind, (20, 15))
    assert found.suffix == {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}[kind]


def test_what_is_transparent_becomes_black_and_grey_stays_grey(saved):
    image = Image.new("RGBA", (20, 20), (200, 200, 200, 0))
    image.paste((90, 90, 90, 255), (0, 0, 10, 20))
    pixels = np.asarray(opened(wished(saved(image), Wishes(rgb=True))))
    assert (pixels[:, :10] == 90).all() and (pixels[:, 10:] == 0).all()


def test_sixteen_bits_spread_over_eight(saved):
    values = np.linspace(1000, 3000, 400).astype(np.uint16).reshape(20, 20)
    pixels = np.asarray(opened(wished(saved(Image.fromarray(values)), Wishes(rgb=True))))
    assert pixels.min() == 0 and pixels.max() == 255
    assert (np.diff(pixels[..., 0].reshape(-1).astype(int)) >= 0).all()


def test_nothing_of_who_made_the_file_travels(saved):
    about = PngImagePlugin.PngInfo()
    about.add_text("Author", "Dr Somebody")
    picture = saved(Image.new("L", (40, 40)), pnginfo=about)
    content = wished(picture, Wishes(image_size=20)).read()
    assert b"Somebody" not in content


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n broken"])
def test_what_is_no_picture_is_named(tmp_path, content):
    (tmp_path / "bad.png").write_bytes(content)
    with pytest.raises(OutputError, match=r"bad\.png cannot be read"):
        wished(Picture({}, tmp_path / "bad.png"), Wishes(rgb=True))


def test_a_file_that_is_gone_is_named(tmp_path):
    with pytest.raises(OutputError, match=r"gone\.png cannot be read \(No such file"):
        wished(Picture({}, tmp_path / "gone.png"), Wishes()).read()


def test_boxes_that_somebody_drew_are_masked_and_no_others(saved):
    grey = np.full((60, 80), 40, np.uint8)
    grey[10:12, 10:20] = grey[40:42, 10:20] = 250
    path = saved(Image.fromarray(grey)).path

    def masked(*boxes):
        picture = Picture({"image": "p", "meta": {"burned_in": list(boxes)}}, path)
        return wished(picture, Wishes(burned_in="mask"))

    found = masked([8, 8, 22, 14, "lettering"])
    pixels = np.asarray(opened(found))
    assert found.masked == 1
    assert pixels[10:12, 10:20].max() < 60
    assert (pixels[40:42, 10:20] == 250).all()
    assert masked().content is None  # nothing is masked, so the file stays as it is
