from __future__ import annotations

import hashlib
import shutil

import numpy as np
import pytest

from medpix2.errors import NotFound, SourceError
from medpix2.export.pairs import read_pairs
from medpix2.train.data import chosen_pairs, digest_of, drawn_texts, load_pairs, possible_texts
from medpix2.train.recipe import Data, Texts


def test_pictures_and_labels(pairs_folder):
    learned, judged = load_pairs(pairs_folder, Data(size=32), jobs=2)
    assert (len(learned), len(judged)) == (24, 12)
    assert {square.shape for square in learned.squares} == {(32, 32)}
    number = learned.labels("modality")[0]
    assert learned.classes["modality"][number] == learned.pairs[0].labels["modality"]
    assert learned.labels("contrast").tolist() == [-1] * 24


def test_folds_part_the_train_cases_and_never_a_case(pairs_folder):
    seen = []
    for fold in range(3):
        learned, judged = chosen_pairs(pairs_folder, Data(folds=3, fold=fold))
        assert {pair.split for pair in (*learned, *judged)} == {"train"}
        assert not {pair.case for pair in learned} & {pair.case for pair in judged}
        seen += [pair.id for pair in judged]
    assert sorted(seen) == sorted(pair.id for pair in read_pairs(pairs_folder, "train"))


def test_a_text_is_drawn_by_weight_of_those_that_are_there(pairs_folder):
    pairs = read_pairs(pairs_folder)[:2] * 2000
    how = Texts(mix={"facts": 3.0, "caption": 1.0, "history": 5.0})
    texts = drawn_texts(pairs, how, np.random.default_rng(0))
    captions = [text for text in texts if text.startswith("A caption")]
    assert len(captions) == pytest.approx(2000 / 4, rel=0.1)  # the second picture has none
    assert set(texts) | {"Radiology image."} == set(possible_texts(pairs, how))
    assert drawn_texts(pairs, how, np.random.default_rng(0)) == texts


def test_a_split_that_is_not_there_or_is_both(pairs_folder):
    with pytest.raises(NotFound, match="no split 'test'"):
        chosen_pairs(pairs_folder, Data(dev=("test",)))
    with pytest.raises(SourceError, match="both learned from and judged by"):
        chosen_pairs(pairs_folder, Data(dev=("train",)))


def test_missing_pictures_are_named(pairs_folder, tmp_path):
    copy = shutil.copytree(pairs_folder, tmp_path / "copy")
    next((copy / "images").iterdir()).unlink()
    with pytest.raises(SourceError, match=r"1 pictures of .* are not there"):
        load_pairs(copy, Data())


def test_the_digest_is_that_of_the_lines(pairs_folder):
    content = (pairs_folder / "pairs.jsonl").read_bytes()
    assert digest_of(pairs_folder) == hashlib.sha256(content).hexdigest()
