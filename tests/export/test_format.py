from __future__ import annotations

from dataclasses import fields, replace

import pytest

from medpix2.export.format import Wishes, lacking


@pytest.mark.parametrize(
    "change",
    [{"image_size": 64}, {"image_format": "png"}, {"rgb": True}, {"burned_in": "mask"}],
)
def test_pictures_are_decoded_only_where_a_wish_asks_for_it(change):
    assert not Wishes(fields=("age",), as_published=True, shard_size=1, seed=3).decodes
    assert Wishes(**change).decodes
    assert not Wishes(**change, pictures=False).decodes


def test_equal_wishes_are_equal_and_every_one_counts():
    other = {"fields": ("a",), "image_size": 9, "image_format": "webp", "burned_in": "crop"}
    for field in fields(Wishes):
        value = other.get(field.name, not field.default)
        assert replace(Wishes(), **{field.name: value}) != Wishes() == Wishes()


def test_a_library_that_is_lacking_is_named_with_what_to_do():
    error = lacking(ModuleNotFoundError(name="pyarrow"))
    assert "needs pyarrow" in str(error) and "medpix2[export]" in str(error)
