"""Groups of fields by what they give away: what must not be shown where it is to be predicted.

A model that is to predict the diagnosis must not read it in the title. Where the pictures' labels
are to be predicted, the caption and the description must not be shown. Field names are the
published keys with dots, case fields first (`Case.Title`), picture fields as in `Descriptions.json`
(`Description.Caption`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

# What names the diagnosis, or was written by somebody who knew it and says so.
DIAGNOSIS = (
    "Case.Title",
    "Case.Case Diagnosis",
    "Case.Discussion",
    "Case.Differential Diagnosis",
    "Case.Diagnosis By",
    "Case.Treatment & Follow Up",
    "Topic.Title",
    "Topic.Disease Discussion",
    "Topic.ACR Code",
    "Topic.Category",
    "Topic.Keywords",
    "Topic.Reference",
    "Topic.External Links",
    "Description.ACR Codes",
)

# What describes the pictures in words: most captions and findings name the modality, the sequence,
# the plane and the body part.
PICTURES = (
    "Description.Caption",
    "Description.Modality",
    "Description.Plane",
    "Case.Findings",
)

# What a physician knows before the pictures are read.
BEFORE_PICTURES = (
    "Case.History",
    "Case.Exam",
    "Description.Age",
    "Description.Sex",
)

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
