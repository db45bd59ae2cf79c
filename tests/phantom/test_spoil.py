import io
from random import Random

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError

from medpix2.phantom import overlay, spoil


@pytest.fixture
def picture():
    rng = np.random.default_rng(3)
    ramp = np.linspace(0, 200, 240)[None, :] + rng.normal(0, 4, (200, 240))
    return Image.fromarray(np.clip(ramp, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("kind", spoil.SPOIL)
def test_a_defect_shows_and_is_made_by_its_random_numbers(kind, picture):
    def made(seed):
        return spoil.SPOIL[kind](picture.copy(), ("DOE, JANE", "ID 1234"), Random(seed))

    first = made(1)
    assert (first.mode, first.size) != (picture.mode, picture.size) or (
        np.asarray(first) != np.asarray(picture)
    ).any()
    assert first.tobytes() == made(1).tobytes()


def test_an_alpha_channel_says_nothing(picture):
    spoiled = spoil.alpha(picture, (), Random(1))
    assert spoiled.mode == "RGBA"
    assert spoiled.getchannel("A").getextrema() == (255, 255)
    assert spoiled.convert("L").tobytes() == picture.tobytes()


@pytest.mark.parametrize("make", [spoil.photograph, spoil.drawing])
def test_what_is_no_scan_has_colours(make, picture):
    spoiled = np.asarray(make(picture, (), Random(1))).astype(int)
    assert spoiled.shape == (200, 240, 3)
    assert (spoiled.max(axis=2) - spoiled.min(axis=2)).max() > 50


def test_a_blank_picture_has_one_grey(picture):
    for seed in range(8):
        least, most = spoil.blank(picture, (), Random(seed)).getextrema()
        assert least == most


def test_sizes_are_those_of_a_stamp_and_of_a_strip(picture):
    for seed in range(8):
        assert max(spoil.tiny(picture, (), Random(seed)).size) <= 44
        strip = spoil.extreme(picture, (), Random(seed)).size
        assert 5 <= max(strip) / min(strip) <= 8.1


def test_near_copies_differ_a_little_and_exact_ones_not(picture):
    assert spoil.same(picture, Random(1)).tobytes() == picture.tobytes()
    for seed in range(8):
        copy = spoil.nearly(picture, Random(seed))
        assert copy.tobytes() != picture.tobytes()
        back = np.asarray(copy.resize(picture.size)).astype(float)
        assert np.corrcoef(back.ravel(), np.asarray(picture).astype(float).ravel())[0, 1] > 0.95


def test_a_montage_shows_each_part_above_a_dark_foot():
    parts = [Image.new("L", (200, 240), grey) for grey in (60, 120, 180, 240)]
    whole = np.asarray(spoil.montage(parts))
    foot = overlay.foot_height(200, 240)
    assert whole.shape == (240, 200)
    assert [whole[50, 50], whole[50, 150], whole[170, 50], whole[170, 150]] == [60, 120, 180, 240]
    assert not whole[-foot + 1 :].any()


def test_a_cut_file_does_not_decode_and_an_empty_one_is_none(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    whole = file.getvalue()
    assert spoil.empty(whole, Random(1)) == b""
    cut = spoil.truncate(whole, Random(1))
    assert whole.startswith(cut)
    with pytest.raises((OSError, UnidentifiedImageError)):
        Image.open(io.BytesIO(cut)).load()
