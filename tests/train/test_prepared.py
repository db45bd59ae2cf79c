from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image

from medpix2.encode.prepare import Preparation
from medpix2.errors import OutputError
from medpix2.export.pairs import read_pairs
from medpix2.train.data import load_pairs
from medpix2.train.prepared import prepared_pictures
from medpix2.train.recipe import Data

HOW = Preparation(32, mask=False)


@pytest.fixture
def pairs(pairs_folder, tmp_path):
    """Return pairs of a copy, one of them in colour."""
    copy = shutil.copytree(pairs_folder, tmp_path / "copy")
    found = read_pairs(copy, "dev")
    Image.new("RGB", (40, 30), (200, 30, 90)).save(found[4].image)
    return found


def same(some, others):
    return len(some) == len(others) and all(map(np.array_equal, some, others))


def test_kept_pictures_are_the_same_ones(pairs, tmp_path):
    bare, counts = prepared_pictures(pairs, HOW), []
    for _ in range(2):
        found = prepared_pictures(pairs, HOW, cache=tmp_path / "cache", advance=counts.append)
        assert same(found, bare)
    assert bare[4].ndim == 3 and bare[5].ndim == 2
    assert counts == [1] * 12 + [12]  # the second time all at once
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_another_picture_or_size_is_made_anew(pairs, tmp_path):
    cache = tmp_path / "cache"
    first = prepared_pictures(pairs, HOW, cache=cache)
    Image.new("L", (48, 40), 250).save(pairs[0].image)
    second = prepared_pictures(pairs, HOW, cache=cache)
    assert not np.array_equal(first[0], second[0]) and same(first[1:], second[1:])
    assert prepared_pictures(pairs, Preparation(48, mask=False), cache=cache)[0].shape == (48, 48)


def test_a_cut_file_is_made_anew(pairs, tmp_path):
    first = prepared_pictures(pairs, HOW, cache=tmp_path / "cache")
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(kept.read_bytes()[:500])
    assert same(prepared_pictures(pairs, HOW, cache=tmp_path / "cache"), first)


def test_folds_share_the_kept_pictures(pairs_folder, tmp_path):
    for fold in range(3):
        how = Data(size=32, folds=3, fold=fold)
        kept = load_pairs(pairs_folder, how, cache=tmp_path / "cache")
        for one, bare in zip(kept, load_pairs(pairs_folder, how), strict=True):
            assert one.pairs == bare.pairs and same(one.squares, bare.squares)
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_cache_that_cannot_be_written(pairs, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputError, match="cannot be written"):
        prepared_pictures(pairs, HOW, cache=tmp_path / "file" / "cache")
