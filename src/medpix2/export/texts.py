"""The texts that go with a picture: its caption, a sentence of its facts, texts of its case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Text -> what it is. Which fields give the diagnosis away: `medpix2.field_groups`.
TEXTS: Mapping[str, str] = {
    "caption": "Caption of the picture; most captions tell what is seen, some tell the diagnosis.",
    "facts": "A sentence of the picture's labels: plane, sequence, modality, contrast, place, "
    "patient. It tells the labels by design.",
    "findings": "Findings of the case: all its pictures together.",
    "history": "History of the case, known before the pictures are read.",
    "title": "Title of the case: most often its diagnosis.",
    "topic": "The disease or topic of the case.",
}

# What stands in MedPix where nobody wrote a caption.
_PLACEHOLDER = re.compile(r"replace this\b", re.IGNORECASE)
_CONTRASTS = {
    "none": "without contrast",
    "IV": "with intravenous contrast",
    "GI": "with gastrointestinal contrast",
    "GI and IV": "with gastrointestinal and intravenous contrast",
}
_WEIGHTED = frozenset(("T1", "T2", "T2*", "PD"))
_NO_PLANE = frozenset(("Other", "Multiple", "Drawing", "Photograph", "Gross pathology"))


def texts_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of a picture, by their names in `TEXTS`; those that are missing are not in.

    `row` has what `joined.pictures_with_case` gives.
    """
    found = {name: row.get(name) for name in TEXTS}
    found["caption"] = caption_of(row)
    found["facts"] = facts_of(row)
    return {name: " ".join(text.split()) for name, text in found.items() if text}


def caption_of(row: Mapping[str, Any]) -> str | None:
    """Return the caption of a picture; None where it has none, or only MedPix's placeholder."""
    caption: str | None = row.get("caption")
    return None if caption and _PLACEHOLDER.match(caption) else caption


def facts_of(row: Mapping[str, Any]) -> str:
    """Return what is known of a picture in one sentence.

    >>> facts_of({"modality": "MR", "sequence": "T1", "plane": "Axial", "contrast": "IV",
    ...           "location": "Spine", "location_category": "Spine and Muscles", "sex": "female"})
    'Axial T1-weighted MR image with intravenous contrast, Spine (Spine and Muscles), woman.'
    """
    plane, sequence, place = row.get("plane"), row.get("sequence"), row.get("location")
    words = [plane] if plane and plane not in _NO_PLANE else []
    if sequence and sequence != "Other":
        words.append(f"{sequence}-weighted" if sequence in _WEIGHTED else sequence)
    words += [str(row.get("modality") or "radiology"), "image"]
    if contrast := _CONTRASTS.get(row.get("contrast") or ""):
        words.append(contrast)
    parts = [" ".join(words)]
    category = row.get("location_category")
    if place and category and place != category:
        parts.append(f"{place} ({category})")
    elif place or category:
        parts.append(str(place or category))
    if patient := patient_of(row):
        parts.append(patient)
    return _sentence(", ".join(parts))


def patient_of(row: Mapping[str, Any]) -> str | None:
    """Return the patient in words: '41-year-old woman', '6-month-old boy', 'man'; None if unknown.

    An age of 0 says nothing: MedPix writes it for adults whose age was not given.
    """
    age, sex = row.get("age"), row.get("sex")
    adult = age is None or age == 0 or age >= 18
    nouns = {"male": "man", "female": "woman"} if adult else {"male": "boy", "female": "girl"}
    noun = nouns.get(sex or "", "patient")
    if not age:
        return None if noun == "patient" else noun
    if age < 2:
        return f"{max(1, round(age * 12))}-month-old {noun}"
    return f"{int(age)}-year-old {noun}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
