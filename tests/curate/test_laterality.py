import pytest

from medpix2.curate.laterality import LATERALITY_RULES, sides_in


def targets(hits, subject):
    return [hit.target for hit in hits(LATERALITY_RULES, "side-against-report", subject)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A cyst in the left kidney.", [("left", "kidney")]),
        ("Right-sided pleural effusion", [("right", "pleura")]),
        ("Enhancing mass, right posterior temporal lobe", [("right", "temporal")]),
        ("R cerebellum; L optic glioma", [("right", "cerebellum"), ("left", "orbit")]),
        ("Lesion of the left paraspinal muscle", [("left", "paraspinal muscle")]),
        ("The right renal vein and left ureter", [("right", "kidney"), ("left", "ureter")]),
        ("She left the hospital.", []),
        ("Normal left kidney.", []),
        ("It extends into the right orbit.", []),
        ("", []),
    ],
)
def test_the_sides_that_a_text_names(text, said):
    assert [(one.side, one.part) for one in sides_in(text)] == said


def test_a_caption_against_the_title_or_the_findings(subject_of, hits):
    captions = ("Mass of the right kidney.", "Mass of the left kidney.", "Cyst of the right lung.")
    for field in ("Case.Title", "Case.Findings", "Case.Case Diagnosis"):
        case = {field: "Tumor of the left kidney"}
        assert targets(hits, subject_of(*captions, case=case)) == ["MPX1_0"]


@pytest.mark.parametrize(
    ("findings", "caption"),
    [
        ("Bilateral masses, larger in the left kidney.", "Mass of the right kidney."),
        ("Cysts of the left kidney and of the right kidney.", "Mass of the right kidney."),
        ("Mass of the left kidney.", "Right kidney for comparison to the left kidney."),
        ("Mass of the left kidney.", "The right kidney is normal."),
        ("Mass of the left kidney.", "Thrombus in the right femoral vein."),
        ("Mass of the left kidney.", "Mass of the kidney."),
    ],
)
def test_no_contradiction(subject_of, hits, findings, caption):
    assert not targets(hits, subject_of(caption, case={"Case.Findings": findings}))


def test_one_caption_against_the_others_where_the_report_names_no_side(subject_of, hits):
    captions = ["Mass of the left kidney."] * 2 + ["Mass of the right kidney."]
    assert targets(hits, subject_of(*captions)) == ["MPX1_2"]
    assert not targets(hits, subject_of(*captions[1:]))  # nobody can tell which is wrong
    most = ["Mass of the left kidney."] * 3 + ["Mass of the right kidney."] * 2
    assert targets(hits, subject_of(*most)) == ["MPX1_3", "MPX1_4"]


def test_both_texts_are_quoted(subject_of, hits):
    case = {"Case.Findings": "Tumor of the left kidney"}
    subject = subject_of("Mass of the right kidney.", case=case)
    (hit,) = hits(LATERALITY_RULES, "side-against-report", subject)
    assert hit.evidence == {
        "words": "Mass of the right kidney.", "against": "Tumor of the left kidney",
        "where": "Case.Findings", "part": "kidney",
    }  # fmt: skip
