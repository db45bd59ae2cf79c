from __future__ import annotations

import json

import pytest

from medpix2.curate.judge import plain
from medpix2.curate.rules import LOOKS


@pytest.mark.parametrize("look", LOOKS, ids=[look.name for look in LOOKS])
def test_a_look_changes_no_picture_and_gives_plain_data_whatever_the_mode(look, slice_of):
    for mode in ("L", "RGBA"):
        picture = slice_of(size=(160, 160)).convert(mode)
        before = picture.tobytes()
        seen = plain(look.measure(picture))
        assert (picture.mode, picture.tobytes()) == (mode, before)
        assert json.loads(json.dumps(seen)) == seen
