from __future__ import annotations

import pytest

from medpix2.curate.lettering_rules import (
    LETTERING_RULES,
    identifiers,
    kinds_of,
    scanner,
    source_left,
)
from medpix2.curate.rule import Subject


def subject(*lines: str, score: float = 0.99, look: str = "lettering") -> Subject:
    """Return a case with one image in which lines were read."""
    seen = [
        {"text": text, "box": [5, 20 * n, 90, 20 * n + 14], "score": score}
        for n, text in enumerate(lines)
    ]
    return Subject("C1", {"_id": "C1"}, [{"_id": "C1_a"}], {"C1_a": {look: {"lines": seen}}})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("DOE, JANE", "name"), ("Doe,Jane", "name"), ("DOE^JANE^A", "name"), ("Dr. Roe", "name"),
        ("Jane Roe", "name"), ("Patient: ROE", "name"), ("Ref: MILLERSON", "name"),
        ("3/26/09 10:15 AM", "date"), ("3/26/0910:15:26", "date"), ("2004-03-19", "date"),
        ("19 APR 1999", "date"), ("19-Apr-99", "date"), ("MAR 06, 2001", "date"),
        ("07.12.2003", "date"), ("DOB 04/12/1990", "date of birth"),
        ("D0B:1/2/55", "date of birth"),
        ("ID 4711-08", "number"), ("MRN:301155", "number"), ("Acc: A12345", "number"),
        ("090326-26468", "number"), ("123-45-6789", "number"), ("Ex: 20417", "number"),
        ("SOME ARMY HOSPITAL", "hospital"), ("Univ. of Somewhere", "hospital"),
        ("Example Medical Center", "hospital"), ("WRAMC", "hospital"),
    ],
)  # fmt: skip
def test_what_may_identify_is_told(text, kind):
    assert kind in kinds_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "L", "R", "A", "8", "126", "W 350 : L 40", "W 11062:L 5174",
        "WL: 1244 WW: 2490", "Im: 44/92",
        "Se:2771", "Zoom: 372% Angle: 0", "TE: 9 TR 700", "T2fatsat", "5 cm", "12.8cm", "-122.0",
        "3mm/1.0:1", "Image size: 256 x 256", "CT, CHEST W/CONTRAST", "Post Gad", "Axial, Left",
        "KVP: 120", "Thickness: 5.00 mm Location: 70.86", "Made In OsiriX",
        "002/03", "0124/0", "A145",
        "Sag T2 FSE", "Left Knee", "DFOV 19.5 cm", "10:15:26 AM", "MR4478",
    ],
)  # fmt: skip
def test_what_a_scanner_writes_identifies_nobody(text):
    assert kinds_of(text) == ()


def test_two_unknown_words_are_a_name_only_if_they_were_read_surely():
    assert kinds_of("Jane Roe", 0.95) == ("name",)
    assert kinds_of("Xane Rce", 0.6) == ()


def test_a_hit_says_of_what_kind_and_where_but_not_what():
    (hit,) = identifiers(subject("DOE, JANE", "W 350 : L 40", "ID 4711-08"))
    assert hit.target == "C1_a"
    assert hit.message == "lettering that may tell who it is: name, number"
    assert hit.evidence == {"kinds": ["name", "number"], "boxes": [[5, 0, 90, 14], [5, 40, 90, 54]]}
    assert "DOE" not in repr(hit)


def test_the_scanners_lines_are_a_note_of_their_own():
    (hit,) = scanner(subject("DOE, JANE", "W 350 : L 40", "8"))
    assert hit.message == "lettering of the scan, 2 lines"
    assert hit.evidence == {"boxes": [[5, 20, 90, 34], [5, 40, 90, 54]]}
    assert list(scanner(subject("DOE, JANE"))) == []


def test_rings_of_anatomy_that_were_read_as_letters_do_not_count():
    assert list(scanner(subject("0", "O", "Q", score=0.9))) == []
    assert len(list(scanner(subject("0")))) == 1


def test_the_sources_own_lettering_is_asked_for_review_and_no_identifier():
    for text in ("Source: Some Place,03-16-2000", "uploader : Jane Roe", "MedPix", "Med Pix®",
                 "0a1b2c3d-1122-3344-5566-77889900aabb", "PHANTOM", "TOM R", "edPix"):  # fmt: skip
        seen = subject(text)
        assert len(list(source_left(seen))) == 1
        assert list(identifiers(seen)) == list(scanner(seen)) == []
    for text in ("W 350 : L 40", "MEDIAL", "Medical Center", "TO", "88888888"):
        assert list(source_left(subject(text))) == []
    for text in ("88888888", "666866666"):
        assert list(identifiers(subject(text))) == list(scanner(subject(text))) == []


def test_pictures_that_were_not_read_have_no_hits():
    nothing = [subject(), subject("DOE, JANE", look="colour"), Subject("C", None, [{"_id": "i"}])]
    assert [list(rule.check(seen)) for rule in LETTERING_RULES for seen in nothing] == [[]] * 9


def test_only_identifiers_and_what_the_mask_leaves_need_a_person():
    assert {rule.name: rule.severity for rule in LETTERING_RULES} == {
        "identifier-lettering": "review",
        "source-lettering-left": "review",
        "scan-lettering": "note",
    }
