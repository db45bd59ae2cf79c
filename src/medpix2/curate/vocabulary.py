"""The vocabulary of the labels: what the source's strings mean, in one form.

Tables first; the functions below only look things up in them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from medpix2.records import CaseFacts, ImageFacts, meant

# Text in a lower-cased modality string -> sequence; the first that occurs wins.
SEQUENCES: tuple[tuple[str, str], ...] = (
    ("montage", ""),
    ("flair", "FLAIR"),
    ("stir", "STIR"),
    ("dwi", "DWI"),
    ("diffusion weighted", "DWI"),
    ("adc", "ADC"),
    ("t2*", "T2*"),
    ("gradient", "T2*"),
    ("fiesta", "FIESTA"),
    ("spectroscopy", "Spectroscopy"),
    ("angiography", "Angiography"),
    ("proton density", "PD"),
    ("pdw", "PD"),
    ("t1", "T1"),
    ("t2", "T2"),
    ("other pulse", "Other"),
)

# Text in a lower-cased modality string -> contrast medium; the first that occurs wins.
CONTRASTS: tuple[tuple[str, str], ...] = (
    ("noncontrast", "none"),
    ("non-contrast", "none"),
    ("gi & iv", "GI and IV"),
    ("gi contrast", "GI"),
    ("(iv)", "IV"),
    ("gadolinium", "IV"),
    ("w/gd", "IV"),
    ("cta", "IV"),
    ("w/contrast", "IV"),
)

# Lower-cased plane -> plane.
PLANES: Mapping[str, str] = {
    "axial": "Axial",
    "transverse": "Axial",
    "coronal": "Coronal",
    "sagittal": "Sagittal",
    "oblique": "Oblique",
    "multiple or montage": "Multiple",
    "3d reconstruction": "3D",
    "lateral": "Lateral",
    "frontal": "Frontal",
    "ap": "Frontal",
    "pa": "Frontal",
    "photograph": "Photograph",
    "gross pathology": "Gross pathology",
    "drawing": "Drawing",
}

SEXES: Mapping[str, Literal["male", "female"]] = {
    "male": "male",
    "m": "male",
    "female": "female",
    "f": "female",
}

MAX_AGE = 120  # years; beyond it a number is no age

# Not a seam: the capital within McCune, DeBakey, DiGeorge, LeFort, VonHippel.
_NAMES = "".join(f"(?<!{part})" for part in ("Mc", "De", "Di", "Le", "Von"))
_JOINED = re.compile(rf"(?<=[a-z0-9.)]){_NAMES}(?=[A-Z][A-Za-z])|\s*[;|]\s*|(?<=\S),\s+(?=[A-Z])")


@lru_cache(maxsize=4096)
def sequence_of(modality: str) -> str | None:
    """Return the MR sequence or technique that a modality string names, or None."""
    return _first_in(SEQUENCES, modality)


@lru_cache(maxsize=4096)
def contrast_of(modality: str) -> str | None:
    """Return the contrast medium that a modality string names, or None."""
    return _first_in(CONTRASTS, modality)


@lru_cache(maxsize=4096)
def plane_of(plane: str) -> str | None:
    """Return the plane in one form; 'Other' for a plane that the table does not have."""
    found = meant(plane)
    if found is None or found.lower().startswith("nos"):
        return None
    return PLANES.get(found.lower(), "Other")


def age_in_years(age: object) -> float | None:
    """Return an age in years; months, weeks and days are converted; None if it is no age."""
    text = meant(age)
    matched = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*(\w*)\.?", text.lower()) if text else None
    if not matched:
        return None
    number, unit = float(matched[1]), matched[2]
    per_year = {"": 1.0, "y": 1.0, "m": 12.0, "w": 52.18, "d": 365.25}.get(unit[:1], math.nan)
    years = round(number / per_year, 3)
    return years if 0 <= years <= MAX_AGE else None  # NaN compares false


def keyword_list(joined: object) -> tuple[str, ...]:
    """Part key words that were published joined, where a change of case shows the seam.

    'Pulmonary HamartomaPopcorn Calcification' has a visible seam; 'pancreascyst' has none and
    stays one word.
    """
    text = meant(joined)
    if text is None:
        return ()
    parts = (part.strip(" ,;|") for part in _JOINED.split(text))
    return tuple(dict.fromkeys(part for part in parts if part))


def image_facts(image: Mapping[str, Any]) -> ImageFacts:
    """Return what the labels of a published image document mean."""
    said = image.get("Description") or {}
    labels = (said.get("Age"), said.get("Sex"), said.get("Modality"), said.get("Plane"))
    return _facts_of(*labels, image.get("Location"), image.get("Location Category"))


@lru_cache(maxsize=2048)  # pictures of one case say nearly the same; an entry takes 1.3 kB
def _facts_of(
    age: object, sex: object, modality: object, plane: object, location: object, category: object
) -> ImageFacts:
    modality, sex = meant(modality) or "", meant(sex)
    return ImageFacts(
        age=age_in_years(age),
        sex=SEXES.get(sex.lower()) if sex else None,
        sequence=sequence_of(modality),
        contrast=contrast_of(modality),
        plane=plane_of(plane if isinstance(plane, str) else ""),
        location=meant(location),
        location_category=meant(category),
    )


def case_facts(case: Mapping[str, Any]) -> CaseFacts:
    """Return what the labels of a published case document mean."""
    topic = case.get("Topic") or {}
    return CaseFacts(
        keywords=keyword_list(topic.get("Keywords")), category=meant(topic.get("Category"))
    )


def _first_in(table: tuple[tuple[str, str], ...], text: str) -> str | None:
    lowered = text.lower()
    for part, meaning in table:
        if part in lowered:
            return meaning or None
    return None
