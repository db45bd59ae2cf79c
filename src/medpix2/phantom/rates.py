"""Which defects can be planted, where, and how often by default."""

from __future__ import annotations

from typing import NamedTuple

from medpix2.errors import SettingError

Rates = dict[str, float]


class Defect(NamedTuple):
    """A kind of defect."""

    scope: str
    """What its rate counts: 'case', 'image' (a document) or 'picture' (a file)."""
    rate: float
    """Share of cases or images that get it by default, near that of the published release."""


DEFECTS: dict[str, Defect] = {
    "montage": Defect("picture", 0.014),
    "photograph": Defect("picture", 0.004),
    "drawing": Defect("picture", 0.003),
    "blank_picture": Defect("picture", 0.003),
    "tiny_picture": Defect("picture", 0.003),
    "extreme_aspect": Defect("picture", 0.004),
    "exact_duplicate": Defect("picture", 0.006),
    "near_duplicate": Defect("picture", 0.03),
    "cross_case_duplicate": Defect("picture", 0.006),
    "identifier_lettering": Defect("picture", 0.012),
    "scan_lettering": Defect("picture", 0.08),
    "rgba": Defect("picture", 0.14),
    "same_patient": Defect("case", 0.012),
    "topic_in_several_splits": Defect("case", 0.02),
    "placeholder_caption": Defect("image", 0.011),
    "caption_not_available": Defect("image", 0.006),
    "laterality": Defect("image", 0.015),
    "non_scan_modality": Defect("image", 0.004),
    "non_scan_plane": Defect("image", 0.006),
    "modality_spelling": Defect("image", 0.008),
    "type_wrong": Defect("image", 0.004),
    "location_wrong": Defect("image", 0.008),
    "sex_missing": Defect("image", 0.03),
    "no_location": Defect("case", 0.006),
    "adult_age_zero": Defect("case", 0.02),
    "sex_contradicts_history": Defect("case", 0.01),
    "age_contradicts_history": Defect("case", 0.01),
    "joined_keywords": Defect("case", 0.6),
    "absent_key": Defect("case", 0.6),
    "not_available_text": Defect("case", 0.08),
    "tiny_text": Defect("case", 0.015),
    "personal_text": Defect("case", 0.02),
    "overview_missing": Defect("image", 0.12),
    "overview_extra": Defect("image", 0.12),
}
"""Defects that a collection has unless it is asked for without, in the order of planting."""

BROKEN: dict[str, str] = {
    "truncated_file": "picture",
    "zero_byte_file": "picture",
    "missing_picture": "picture",
    "picture_without_description": "image",
    "listed_without_description": "image",
    "described_not_listed": "image",
    "missing_from_splits": "case",
    "repeated_in_splits": "case",
}
"""Structural defects and their scopes; planted only where asked."""


def rates(defects: float, broken: float) -> Rates:
    """Return the rate of each kind that is planted at all, structural ones first.

    Parameters
    ----------
    defects
        Scales the default rates.
    broken
        Rate of each structural defect.

    Raises
    ------
    SettingError
        A scale below 0, or a rate outside 0 to 1.
    """
    if defects < 0:
        raise SettingError(
            f"The scale of defects is {defects}", "give 0 or more (1 is near the real rates)"
        )
    if not 0 <= broken <= 1:
        raise SettingError(f"The rate of broken files is {broken}", "give a share from 0 to 1")
    every = dict.fromkeys(BROKEN, broken)
    every |= {kind: min(1.0, defect.rate * defects) for kind, defect in DEFECTS.items()}
    return {kind: rate for kind, rate in every.items() if rate > 0}


def scope_of(kind: str) -> str:
    """Return what a kind's rate counts: 'case', 'image' or 'picture'."""
    return BROKEN[kind] if kind in BROKEN else DEFECTS[kind].scope
