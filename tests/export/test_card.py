from __future__ import annotations

import datetime

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from medpix2.export.card import card_text, table, yaml
from medpix2.export.format import Card, Wishes
from medpix2.export.formats import FORMATS
from medpix2.export.writing import write_export

_SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=12)
_PLAIN = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=8), _PLAIN, max_size=4))
def test_the_front_matter_is_yaml(value):
    assert (pyyaml.safe_load(yaml(value)) or {}) == value


@pytest.mark.parametrize("word", ["no", "Yes", "null", "1e3", "2026-01-02", "~", "a: b", "- x", ""])
def test_a_text_stays_a_text(word):
    assert pyyaml.safe_load(yaml({"key": [word, {word: word}]})) == {"key": [word, {word: word}]}


def test_the_hub_reads_the_card(small, tmp_path):
    from huggingface_hub import DatasetCard

    out = write_export(FORMATS["csv"], small, Wishes(), tmp_path / "out").folder
    card = DatasetCard.load(out / "README.md")
    assert card.data.license == "cc-by-nc-nd-4.0"
    assert card.data.size_categories == ["n<1K"] and card.data.language == ["en"]


def test_the_card_says_what_matters():
    counts = {
        "cases": 3, "images": 5, "cases:train": 2, "cases:dev": 1, "images:train": 3,
        "images:dev": 2, "modality:CT": 5, "location_category:None": 5, "pictures:masked": 4,
        "pictures:changed": 5,
    }  # fmt: skip
    card = Card(use="Read it.", fields={"age": ("float", "Years | of age.")}, limits=("Tiny.",))
    wishes = Wishes(
        burned_in="mask", image_size=224, rgb=True, image_format="jpeg", fields=("age",)
    )
    text = card_text(FORMATS["csv"], wishes, "release 1", counts, card)
    plain = card_text(FORMATS["csv"], Wishes(burned_in="mask", pictures=False), "x", counts, card)
    assert "Tables only, no pictures." in plain and "Burned-in" not in plain
    for said in (
        "| train | 2 | 3 |\n| dev | 1 | 2 |\n| together | 3 | 5 |", "| missing | 5 |",
        "| `age` | float | Years \\| of age. |", "- Tiny.", "masked (4 pictures)", "224 pixels",
        "CC BY-NC-ND 4.0", "arXiv 2407.02994", "for your own use", "Not for diagnosis", "Read it.",
    ):  # fmt: skip
        assert said in text, said
    assert str(datetime.datetime.now().year) not in text.split("## Licence")[0]


def test_a_table_keeps_its_columns():
    assert table(("a", "b"), [("x|y", "1\n2")]) == "| a | b |\n| --- | --- |\n| x\\|y | 1 2 |"
