from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

import imagehash
from PIL import Image

from medpix2.curate.across import Across
from medpix2.curate.rule import Hit, Subject
from medpix2.curate.thumbnail import measure

Draw = Callable[..., Image.Image]


def case(name: str, *pictures: Image.Image, caption: str = "") -> Subject:
    images: list[dict[str, Any]] = []
    looked = {}
    for number, picture in enumerate(pictures):
        content = picture.tobytes() + str(picture.size).encode()
        file = {"sha256": sha256(content).hexdigest(), "phash": str(imagehash.phash(picture))}
        images.append(
            {"_id": f"{name}_{number}", "Description": {"Caption": caption}, "file": file}
        )
        looked[f"{name}_{number}"] = {"thumbnail": measure(picture)}
    return Subject(name, None, images, looked)


def hits(subjects: Iterable[Subject]) -> list[Hit]:
    across = Across()
    for subject in subjects:
        across.add(subject)
    return list(across.hits())


def named(found: Iterable[Hit]) -> list[tuple[str, str | None, str]]:
    return [(hit.target, hit.case, (hit.evidence or {})["other"]) for hit in found]


def test_a_picture_in_two_cases_is_hit_in_both(slice_of: Draw) -> None:
    picture, copy = (
        slice_of(seed=1, size=(300, 300)),
        slice_of(seed=1, size=(300, 300)).resize((280, 280)),
    )
    others = [case(f"X{seed}", slice_of(seed=seed)) for seed in range(5, 9)]
    found = hits([case("B", copy, caption="Later"), *others, case("A", slice_of(seed=2), picture)])
    assert named(found) == [("A_1", "A", "B_0"), ("B_0", "B", "A_1")]
    evidence = found[0].evidence or {}
    assert evidence["case"] == "B"
    assert evidence["differ"] == ["Description.Caption"]
    assert evidence["likeness"] >= 0.977


def test_equal_files_of_three_cases_name_one_of_another_case(slice_of: Draw) -> None:
    picture = slice_of()
    found = hits([case("C", picture), case("A", picture, picture), case("B", picture)])
    assert [hit.target for hit in found] == ["A_0", "A_1", "B_0", "C_0"]
    for hit in found:
        evidence = hit.evidence or {}
        assert evidence["case"] != hit.case
        assert (evidence["likeness"], evidence["distance"]) == (1, 0)


def test_the_order_of_the_cases_does_not_matter(slice_of: Draw) -> None:
    cases = [case(f"A{n}", slice_of(seed=n % 3, size=(300, 290 + n))) for n in range(7)]
    assert named(hits(cases)) == named(hits(reversed(cases)))


def test_copies_within_a_case_are_not_for_this_rule(slice_of: Draw) -> None:
    assert hits([case("A", slice_of(), slice_of()), case("B", slice_of(seed=4))]) == []


def test_even_pictures_are_like_nothing() -> None:
    even = Image.new("L", (200, 200), 90)
    assert hits([case("A", even), case("B", even), case("C", even.resize((210, 210)))]) == []


def test_without_a_look_equal_files_are_found_all_the_same(slice_of: Draw) -> None:
    cases = [case("A", slice_of()), case("B", slice_of()), case("C", slice_of(size=(260, 256)))]
    blind = [Subject(one.id, None, one.images, {}) for one in cases]
    assert named(hits(blind)) == [("A_0", "A", "B_0"), ("B_0", "B", "A_0")]


def test_nothing_gathered_gives_nothing() -> None:
    assert hits([]) == []
    assert hits([Subject("A", None, [{"_id": "x", "file": None}], {})]) == []
