"""The table of planters: one a kind of defect."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from medpix2.phantom import plant_layout, plant_pictures, plant_reports
from medpix2.phantom.desk import Desk

PLANTERS: dict[str, Callable[[Desk, int], None]] = {
    **{
        kind: partial(plant_pictures.picture, kind)
        for kind in (
            "rgba",
            "blank_picture",
            "tiny_picture",
            "extreme_aspect",
            "truncated_file",
            "zero_byte_file",
            "missing_picture",
        )
    },
    **{
        kind: partial(plant_pictures.lettering, kind)
        for kind in ("identifier_lettering", "scan_lettering")
    },
    **{kind: partial(plant_pictures.non_scan, kind) for kind in ("photograph", "drawing")},
    **{
        kind: partial(plant_pictures.duplicate, kind)
        for kind in ("exact_duplicate", "near_duplicate")
    },
    **{
        kind: partial(plant_layout.undescribed, kind)
        for kind in (
            "picture_without_description",
            "listed_without_description",
            "described_not_listed",
        )
    },
    **{
        kind: partial(plant_layout.splits, kind)
        for kind in ("missing_from_splits", "repeated_in_splits")
    },
    "montage": plant_pictures.montage,
    "cross_case_duplicate": plant_pictures.cross_case_duplicate,
    "same_patient": plant_reports.same_patient,
    "topic_in_several_splits": plant_reports.shared_topic,
    "placeholder_caption": partial(
        plant_reports.describe,
        "placeholder_caption",
        "Caption",
        plant_reports.fixed(plant_reports.PLACEHOLDER),
    ),
    "caption_not_available": partial(
        plant_reports.describe,
        "caption_not_available",
        "Caption",
        plant_reports.fixed("Not Available.", "N/A", "Not available"),
    ),
    "laterality": partial(
        plant_reports.describe, "laterality", "Caption", plant_reports.other_side
    ),
    "non_scan_modality": partial(
        plant_reports.describe,
        "non_scan_modality",
        "Modality",
        plant_reports.fixed("Drawing", "Virtual Colonoscopy"),
    ),
    "non_scan_plane": partial(
        plant_reports.describe,
        "non_scan_plane",
        "Plane",
        plant_reports.fixed("Photograph", "Gross Pathology", "Drawing"),
    ),
    "modality_spelling": partial(
        plant_reports.describe, "modality_spelling", "Modality", plant_reports.spelling
    ),
    "sex_missing": partial(
        plant_reports.describe, "sex_missing", "Sex", plant_reports.fixed("N/A")
    ),
    "type_wrong": plant_reports.type_wrong,
    "location_wrong": plant_reports.location_wrong,
    "no_location": plant_reports.no_location,
    "adult_age_zero": partial(plant_reports.whole_case, "adult_age_zero", "Age"),
    "sex_contradicts_history": partial(plant_reports.whole_case, "sex_contradicts_history", "Sex"),
    "age_contradicts_history": partial(plant_reports.whole_case, "age_contradicts_history", "Age"),
    "joined_keywords": plant_reports.joined_keywords,
    "absent_key": plant_reports.absent_key,
    "not_available_text": partial(
        plant_reports.report,
        "not_available_text",
        ("Exam", "Diagnosis By", "Treatment & Follow Up"),
        ("N/A", "Not available", "n/a", "None"),
    ),
    "tiny_text": partial(
        plant_reports.report,
        "tiny_text",
        ("Findings", "Discussion", "Exam"),
        (".", "-", "ok", "see above"),
    ),
    "personal_text": plant_reports.personal_text,
    "overview_missing": plant_layout.overview_missing,
    "overview_extra": plant_layout.overview_extra,
}
