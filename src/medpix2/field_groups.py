"""Which fields give the diagnosis away: a table for exports, training recipes and curation.

The classification is fixed, so that an export does not change with the collection;
`medpix2.curate.field_groups` measures it on one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal


@dataclass(frozen=True)
class FieldGroup:
    """Fields that are given or held back together.

    Attributes
    ----------
    name
        Of lower-case words.
    of
        Whether they stand in the case's document or in those of its images.
    fields
        Published fields, with dots.
    leaks
        Whether they give the diagnosis away.
    reason
        Why, or why not.
    """

    name: str
    of: Literal["case", "image"]
    fields: tuple[str, ...]
    leaks: bool
    reason: str


FIELD_GROUPS: tuple[FieldGroup, ...] = (
    FieldGroup("title", "case", ("Case.Title",), True, "It is the diagnosis, nearly always."),
    FieldGroup("case diagnosis", "case", ("Case.Case Diagnosis",), True, "It is the diagnosis."),
    FieldGroup("topic title", "case", ("Topic.Title",), True, "It names the disease."),
    FieldGroup("keywords", "case", ("Topic.Keywords",), True, "They name the disease."),
    FieldGroup("category", "case", ("Topic.Category",), True, "It is the class of the disease."),
    FieldGroup(
        "acr code", "case", ("Topic.ACR Code",), True,
        "Its second part is the code of the pathology.",
    ),
    FieldGroup(
        "disease discussion", "case", ("Topic.Disease Discussion",), True,
        "It discusses the disease by its name.",
    ),
    FieldGroup(
        "reference", "case", ("Topic.Reference", "Topic.External Links"), True,
        "Papers and addresses bear the name of the disease.",
    ),
    FieldGroup(
        "discussion", "case", ("Case.Discussion",), True, "Its author knows the diagnosis."
    ),
    FieldGroup(
        "differential diagnosis", "case", ("Case.Differential Diagnosis",), True,
        "The diagnosis is most often in the list.",
    ),
    FieldGroup(
        "diagnosis by", "case", ("Case.Diagnosis By",), True,
        "It says how it was proved, often with the result.",
    ),
    FieldGroup(
        "treatment", "case", ("Case.Treatment & Follow Up",), True,
        "It follows from the diagnosis, and often names it.",
    ),
    FieldGroup(
        "history", "case", ("Case.History",), False,
        "It is known before the examination; some name a known disease.",
    ),
    FieldGroup("exam", "case", ("Case.Exam",), False, "It is known before the pictures are read."),
    FieldGroup(
        "findings", "case", ("Case.Findings",), False,
        "They describe the pictures; some name the diagnosis.",
    ),
    FieldGroup(
        "caption", "image", ("Description.Caption",), False,
        "It describes the picture; some name the diagnosis.",
    ),
    FieldGroup(
        "image acr code", "image", ("Description.ACR Codes",), True,
        "Its second part is the code of the pathology.",
    ),
    FieldGroup(
        "patient", "image", ("Description.Age", "Description.Sex"), False,
        "It is known before the examination.",
    ),
    FieldGroup(
        "technique", "image", ("Type", "Description.Modality", "Description.Plane"), False,
        "It says how the picture was taken.",
    ),
    FieldGroup(
        "figure part", "image", ("Description.Figure Part",), False, "It numbers the pictures."
    ),
    FieldGroup(
        "location", "image", ("Location", "Location Category"), False,
        "It says where the disease is, not which.",
    ),
)  # fmt: skip
"""All published fields but ids and lists of ids, and `Case.Media`, which is empty."""


def leaking_fields(of: Literal["case", "image"]) -> frozenset[str]:
    """Return the published fields, with dots, that give the diagnosis away."""
    groups = (group for group in FIELD_GROUPS if group.of == of and group.leaks)
    return frozenset(field for group in groups for field in group.fields)


# What a physician knows before the pictures are read.
BEFORE_PICTURES = ("Case.History", "Case.Exam", "Description.Age", "Description.Sex")

# The fields that name the diagnosis in few words: what a text must not repeat.
NAMES_OF_DIAGNOSIS = ("Case.Title", "Case.Case Diagnosis", "Topic.Title")

# Words of diagnoses that do not tell one from another: places, sides, qualities, figures of speech.
COMMON_WORDS = frozenset(
    (
        "abdomen abdominal about acute adrenal adult after ankle anterior artery associated "
        "benign bilateral bone brain breast cause caused cell cells cerebral cervical chest child "
        "chronic colon complex complicated congenital cranial diffuse disease diseases disorder "
        "distal early effect elbow facial female finding findings focal foot from functional "
        "gastrointestinal hand head heart hepatic history inferior injury internal intestinal "
        "into joint kidney knee large late lateral left lesion lesions liver lobe local lower "
        "lumbar lung male mass masses medial middle multiple muscle neck neonatal nerve normal "
        "orbital other pain partial patient patients pediatric pelvic pelvis possible posterior "
        "primary probable prostate proximal pulmonary rare recurrent renal right secondary severe "
        "shoulder side sign single small spinal spine status study superior symptoms syndrome "
        "system thoracic tissue type ultrasound unknown unspecified upper urinary urine variant "
        "vascular vein versus with without year years"
    ).split()
)
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_STEM_LETTERS = 6  # 'metastasis' and 'metastatic', 'aneurysm' and 'aneurysmal' begin alike
_MIN_LETTERS = 4  # shorter words tell a diagnosis only as an abbreviation: MS, PE


def given_away(names: Iterable[str | None], text: str | None) -> str | None:
    """Return the word of a text that gives a diagnosis away, or None.

    A word does so if it begins as a telling word of the diagnosis's names does (one of at least
    four letters that is not in `COMMON_WORDS`), or if it is one of their abbreviations. Rather too
    much is found than too little; a synonym ("heart attack") is not.

    >>> given_away(["Metastatic melanoma"], "Woman with known melanomas of the skin.")
    'melanomas'
    >>> given_away(["MS (Multiple sclerosis)"], "Ms. A has multiple complaints.") is None
    True
    """
    stems: set[str] = set()
    abbreviations: set[str] = set()
    word: str
    for word in _WORD.findall(" ".join(name for name in names if name)):
        if word.isupper() and 2 <= len(word) <= 5:
            abbreviations.add(word)
        if len(word) >= _MIN_LETTERS and _stem(word) not in _common_stems():
            stems.add(_stem(word))
    for word in _WORD.findall(text or ""):
        if word in abbreviations or (len(word) >= _MIN_LETTERS and _stem(word) in stems):
            return word
    return None


@lru_cache(maxsize=1)
def _common_stems() -> frozenset[str]:
    return frozenset(map(_stem, COMMON_WORDS))


@lru_cache(maxsize=1 << 14)
def _stem(word: str) -> str:
    import Stemmer

    return str(Stemmer.Stemmer("english").stemWord(word.lower()))[:_STEM_LETTERS]
