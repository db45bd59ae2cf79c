import pytest

from medpix2.curate.label_rules import CATEGORIES, LABEL_RULES, modality_said
from medpix2.records import LOCATION_CATEGORIES


def found(hits, name, subject):
    return [hit.target for hit in hits(LABEL_RULES, name, subject)]


@pytest.mark.parametrize(
    ("modality", "scan"),
    [
        ("Drawing", False), ("Virtual Colonoscopy", False), ("US - Ultrasound", False),
        ("CT w/contrast (IV)", True), ("MRA - MR Angiography/Venography", True), ("MRI", True),
        ("N/A", True), ("", True),
    ],
)  # fmt: skip
def test_modalities_that_are_no_scan(subject_of, hits, modality, scan):
    subject = subject_of("x", Modality=modality)
    assert bool(found(hits, "modality-not-a-scan", subject)) is not scan


def test_planes_that_are_no_plane_of_a_scan(subject_of, hits):
    for plane in ("Photograph", "Gross Pathology", "Drawing"):
        assert found(hits, "plane-not-a-scan", subject_of("x", Plane=plane))
    for plane in ("Axial", "3D Reconstruction", "AP", "Other View (see caption)", None):
        assert not found(hits, "plane-not-a-scan", subject_of("x", Plane=plane))


def test_spellings_of_the_modality_that_differ_from_most(subject_of, hits):
    for modality in ("MR", "MRI", "CT", " MR - FLAIR", "MR - Montage of Images"):
        assert found(hits, "modality-spelling", subject_of("x", Modality=modality)), modality
    for modality in ("MR - FLAIR", "CT - noncontrast", "MR - Montage", None):
        assert not found(hits, "modality-spelling", subject_of("x", Modality=modality)), modality
    montage = subject_of("x", Modality="MR - Montage", Plane="Multiple or Montage")
    assert found(hits, "montage-label", montage) == ["MPX1_0"]


def test_type_against_the_modality(subject_of, hits):
    wrong = subject_of("x", Type="MR", Modality="CT - noncontrast")
    assert found(hits, "type-against-modality", wrong) == ["MPX1_0"]
    assert not found(hits, "type-against-modality", subject_of("x", Type="MR", Modality="MR - T2"))
    assert not found(hits, "type-against-modality", subject_of("x", Type="MR", Modality="Drawing"))


@pytest.mark.parametrize(
    ("caption", "said"),
    [
        ("Axial CT of the chest.", "CT"),
        ("Axial T2 weighted image.", "MR"),
        ("Hyperintense lesion on FLAIR", "MR"),
        ("Density of 40 Hounsfield units", "CT"),
        ("MR verifies what the CT showed.", None),
        ("A mass at T12 of the spine.", None),
        ("Fracture of the T1 vertebral body", None),
        ("Sagittal T2 shows a tear.", "MR"),
        ("A doctor's notes; direct injury", None),
        ("", None),
    ],
)
def test_the_modality_that_a_caption_speaks_of(subject_of, hits, caption, said):
    assert modality_said(caption)[0] == said
    for kind in ("CT", "MR"):
        subject = subject_of(caption, Type=kind)
        assert bool(found(hits, "type-against-caption", subject)) is (said not in (None, kind))


def test_locations_that_are_none(subject_of, hits):
    for location in ("Bethesda, MD", "Left Blank", None, "N/A"):
        assert found(hits, "not-a-location", subject_of("x", Location=location)), location
    for location in CATEGORIES:
        assert not found(hits, "not-a-location", subject_of("x", Location=location.title()))


def test_categories_that_are_not_those_of_the_location(subject_of, hits):
    wrong = subject_of("x", Location="Spine", Location_Category="Head")
    (hit,) = hits(LABEL_RULES, "category-against-location", wrong)
    assert hit.evidence["wanted"] == "Spine and Muscles"
    unknown = subject_of("x", Location="Vascular", Location_Category="Elbow")
    assert found(hits, "category-against-location", unknown)
    for category in LOCATION_CATEGORIES:
        vascular = subject_of("x", Location="Vascular", Location_Category=category)
        assert not found(hits, "category-against-location", vascular)


def test_the_picture_that_alone_has_another_location(subject_of, hits):
    subject = subject_of("a", "b", "c")
    subject.images[1]["Location"] = "Spine"
    assert found(hits, "location-differs-in-case", subject) == ["MPX1_1"]
    two = subject_of("a", "b")
    two.images[1]["Location"] = "Spine"
    assert not found(hits, "location-differs-in-case", two)  # nobody can tell which is wrong


def test_the_location_against_what_the_caption_names(subject_of, hits):
    wrong = subject_of("A mass of the left lung.", "Lung and liver.", "A mass.")
    (hit,) = hits(LABEL_RULES, "location-against-caption", wrong)
    assert (hit.target, hit.evidence["named"]) == ("MPX1_0", "Thorax")


def test_without_a_caption_the_title_names_the_place(subject_of, hits):
    case = {"Case.Title": "Cyst of the ovary"}
    for caption in (None, "N/A", "Replace this - DESCRIPTION"):
        subject = subject_of(caption, case=case)
        assert found(hits, "location-against-caption", subject) == ["MPX1_0"]
    assert not found(hits, "location-against-caption", subject_of("A cyst.", case=case))


def test_missing_labels_are_told_by_field(subject_of, hits):
    subject = subject_of("x", Age="40", Sex="N/A", Plane="NOS - Not specified", Modality="CT")
    fields = [hit.field for hit in hits(LABEL_RULES, "label-missing", subject)]
    assert fields == ["Description.Sex", "Description.Plane"]
