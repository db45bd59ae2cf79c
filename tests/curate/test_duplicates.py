from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import imagehash
import pytest
from PIL import Image

from medpix2.curate.duplicates import DUPLICATE_RULES
from medpix2.curate.rule import Hit, Subject
from medpix2.curate.thumbnail import measure

Draw = Callable[..., Image.Image]
Labels = dict[str, Any]
CT: Labels = {"Type": "CT", "Location Category": "Head", "Description": {"Caption": "A cyst."}}


def subject(pictures: dict[str, tuple[Image.Image, Labels]], case: str = "A") -> Subject:
    """Return a case with pictures as the build and the looks would describe them."""
    images, looked = [], {}
    for name, (picture, labels) in pictures.items():
        content = picture.tobytes() + str(picture.size).encode()
        file = {"sha256": sha256(content).hexdigest(), "phash": str(imagehash.phash(picture))}
        images.append({"_id": name, **labels, "file": file})
        looked[name] = {"thumbnail": measure(picture)}
    return Subject(case, None, images, looked)


def hits(case: Subject) -> dict[str, list[Hit]]:
    found = {rule.name: list(rule.check(case)) for rule in DUPLICATE_RULES}
    return {name: some for name, some in found.items() if some}


def test_equal_files_are_hit_but_for_the_first(slice_of: Draw) -> None:
    one, other = slice_of(seed=1), slice_of(seed=2)
    found = hits(subject({"c": (one, CT), "a": (one, CT), "b": (one, CT), "d": (other, CT)}))
    assert list(found) == ["exact-duplicate"]
    pairs = [(hit.target, hit.evidence) for hit in found["exact-duplicate"]]
    assert pairs == [("b", {"other": "a"}), ("c", {"other": "a"})]


@pytest.mark.parametrize("change", ["resized", "brighter", "watermark"])
def test_a_changed_copy_is_a_near_duplicate(slice_of: Draw, change: str) -> None:
    picture = slice_of(size=(400, 400))
    copies = {
        "resized": picture.resize((360, 360)),
        "brighter": picture.point(lambda level: int(15 + 0.9 * level)),
        "watermark": picture.copy(),
    }
    copies["watermark"].paste(222, (330, 5, 395, 30))
    found = hits(subject({"a": (picture, CT), "b": (copies[change], CT)}))
    assert list(found) == ["near-duplicate"]
    (hit,) = found["near-duplicate"]
    assert (hit.target, (hit.evidence or {})["other"]) == ("b", "a")
    assert (hit.evidence or {})["likeness"] >= 0.977


def test_the_next_slice_is_no_duplicate(slice_of: Draw) -> None:
    slices = {f"a{seed}": (slice_of(seed=seed), CT) for seed in range(6)}
    assert hits(subject(slices)) == {}


def test_one_picture_under_two_labels_is_hit_on_both_sides(slice_of: Draw) -> None:
    picture = slice_of()
    mr = CT | {"Type": "MR", "Description": {"Caption": "Another caption."}}
    found = hits(subject({"a": (picture, CT), "b": (picture, mr)}))
    labels = found["duplicate-labels"]
    assert [(hit.target, (hit.evidence or {})["other"]) for hit in labels] == [
        ("a", "b"),
        ("b", "a"),
    ]
    assert {hit.field for hit in labels} == {"Type"}
    assert (labels[0].evidence or {})["differ"] == ["Type", "Description.Caption"]


def test_even_pictures_and_missing_looks_are_no_near_duplicates(slice_of: Draw) -> None:
    even = {name: (Image.new("L", (90, 90 + at), 40), CT) for at, name in enumerate("ab")}
    assert hits(subject(even)) == {}
    case = subject({"a": (slice_of(), CT), "b": (slice_of(noise=3.0), CT)})
    assert hits(Subject("A", None, case.images, {})) == {}
    assert hits(Subject("A", None, [{"_id": "x", "file": None}], {})) == {}


def test_a_large_case_is_compared_as_a_small_one(
    slice_of: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = {f"a{seed:02d}": (slice_of(seed=seed % 5), CT) for seed in range(9)}
    copies = {
        name: (picture.resize((256, 256 + at)), labels)
        for at, (name, (picture, labels)) in enumerate(pictures.items())
    }
    whole = hits(subject(copies))
    monkeypatch.setattr("medpix2.curate.duplicates._ROWS", 2)
    assert hits(subject(copies)) == whole
    assert [hit.target for hit in whole["near-duplicate"]] == ["a05", "a06", "a07", "a08"]
