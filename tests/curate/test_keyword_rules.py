from collections import Counter

import pytest

from medpix2.curate.keyword_rules import KEYWORD_RULES, parted

WORDS = Counter(
    {"pancreas": 9, "cyst": 9, "lung": 5, "cancer": 7, "renal": 4, "sarcoma": 3, "scrotum": 3}
    | {"pneumo": 5, "thrombosis": 1}
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("pancreascyst", ["pancreas", "cyst"]),
        ("lungcancerthrombosis", ["lung", "cancer", "thrombosis"]),
        ("Lung HamartomaPopcorn Calcification", ["Lung Hamartoma", "Popcorn Calcification"]),
        ("DysplasiaFMDRenal Infarct", ["Dysplasia", "FMD", "Renal Infarct"]),
        ("AVFcatheter", ["AVF", "catheter"]),
        ("V/QPulmonary Embolus", ["V/Q", "Pulmonary Embolus"]),
        ("Cyst (large)cyst", ["Cyst (large)", "cyst"]),
        ("pancreas", ["pancreas"]),
        ("Lung CA", ["Lung CA"]),
        ("McCune Albright", ["McCune Albright"]),
        ("osteosarcoma", ["osteosarcoma"]),  # osteo- begins words
        ("pneumoscrotum", ["pneumoscrotum"]),
        ("ABCs", ["ABCs"]),
        ("lung; cancer", ["lung; cancer"]),
    ],
)  # fmt: skip
def test_key_words_are_parted_at_their_seams(text, parts):
    assert parted(text, WORDS) == parts


def test_the_words_of_other_cases_show_a_seam(subject_of, hits):
    joined = subject_of(case={"Topic.Keywords": "spleencyst"}, name="MPX1")
    others = [
        subject_of(case={"Case.Findings": "A cyst of the spleen."}, name=f"MPX{number}")
        for number in (2, 3)
    ]
    (hit,) = hits(KEYWORD_RULES, "joined-keywords", joined, *others)
    assert (hit.target, hit.case) == ("MPX1", "MPX1")
    assert hit.evidence == {"value": "spleencyst", "parts": ["spleen", "cyst"]}
    assert not hits(KEYWORD_RULES, "joined-keywords", joined)


def test_a_word_that_texts_use_is_no_joint(subject_of, hits):
    cases = [
        subject_of(case={"Topic.Keywords": text, "Case.Findings": text}, name=f"MPX{at}")
        for at, text in enumerate(("spleen", "cyst", "spleencyst", "cyst", "spleen"))
    ]
    assert not hits(KEYWORD_RULES, "joined-keywords", *cases)
