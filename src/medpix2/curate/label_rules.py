"""Rules over labels: modality, plane, type and location against what they can be and each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from medpix2.curate.body_parts import categories_in
from medpix2.curate.rule import Hit, Rule, Subject
from medpix2.curate.text_rules import placeholder_in, says_nothing
from medpix2.curate.texts import CAPTION, text_at
from medpix2.records import LOCATION_CATEGORIES, Modality, meant

# Location as MedPix writes it -> category (SOURCES, section 3). Where the table has several, the
# release's authors decided case by case.
_ANY = frozenset(LOCATION_CATEGORIES)
CATEGORIES: Mapping[str, frozenset[str]] = {
    "brain and neuro": frozenset({"Head"}),
    "head and neck": frozenset({"Head"}),
    "eye and orbit": frozenset({"Head"}),
    "ophthalmology": frozenset({"Head"}),
    "dental, oral, or tooth": frozenset({"Head"}),
    "nerve, central": frozenset({"Head"}),
    "nerve, peripheral": frozenset({"Head"}),
    "chest, pulmonary": frozenset({"Thorax"}),
    "cardiovascular": frozenset({"Thorax"}),
    "breast and mammography": frozenset({"Thorax"}),
    "abdomen": frozenset({"Abdomen"}),
    "gastrointestinal": frozenset({"Abdomen"}),
    "genitourinary": frozenset({"Reproductive and Urinary System"}),
    "musculoskeletal": frozenset({"Spine and Muscles"}),
    "spine": frozenset({"Spine and Muscles"}),
    "vascular": _ANY,
    "generalized": _ANY,
    "endocrine": _ANY,
    "pathology": _ANY,
    "hematopoietic": _ANY,
}
_NO_SCAN = re.compile(
    r"\b(?:drawing|virtual colonoscopy|photo\w*|gross|patholog\w*|histolog\w*|microscop\w*"
    r"|endoscop\w*|colonoscop\w*|illustration|diagram|graph\w*|table|x-?ray|radiograph\w*"
    r"|plain film|ultrasound|us|mammogra\w*|nuclear|pet|fluoroscop\w*|barium)\b",
    re.I,
)
_SCAN = re.compile(r"\b(?:ct|cta|mri?|mra|mrs|mrv|mrcp|fmri)\b", re.I)
# A modality is spelled well when it names its sequence or contrast after the modality.
_BARE = re.compile(r"\s*(?:ct|mri?|ct scan|computed tomography|magnetic resonance\w*)\s*", re.I)
_CT = re.compile(r"\b(?:CT|CTA|HRCT|CTPA|CECT|NCCT|CAT scan|MDCT)\b|\bcomputed tomogra", re.I)
_MR = re.compile(r"\b(?:MRI?|MRA|MRS|MRV|MRCP|fMRI)\b|\bmagnetic resonance\b", re.I)
# What only the one or only the other shows, in captions that do not name it.
_CT_WORDS = re.compile(
    r"\b[Hh]ounsfield\b|\d\s?HU\b|\b(?:bone|lung|soft[ -]tissue|mediastinal) windows?\b"
)
# T1 and T2 are vertebrae too: the next or the last word tells.
_MR_WORDS = re.compile(
    r"\bT[12]\*?(?:WI?\b|[ -](?:W|WI|weight\w*|images?|imaging|signal|sequences?|FSE|MRI?|MR|fat"
    r"|(?:hyper|hypo|iso)\w*|bright|dark|axial|coronal|sagittal|post\w*|pre\w*|contrast)\b)"
    r"|\b(?:[Aa]xial|[Cc]oronal|[Ss]agittal|on|MR) T[12]\b(?! ?vertebra| level| body)"
    r"|\bFLAIR\b|\bSTIR\b|\bDWI\b|\bADC\b|\b[Gg]adolinium\b|\bGRE\b|\b[Gg]radient[ -]echo\b"
    r"|\b[Pp]roton density\b|\bFIESTA\b|\b[Ff]at[ -]sat\w*|\b[Dd]iffusion[ -]weighted\b|\bSWI\b"
    r"|\b(?:[Hh]yper|[Hh]ypo|[Ii]so)intens\w+"
)


def modality_not_a_scan(subject: Subject) -> Iterator[Hit]:
    """Find modalities that name no CT or MR: drawings, photographs, virtual endoscopy."""
    field = "Description.Modality"
    for image in subject.images:
        value = text_at(image, field)
        if meant(value) and not _SCAN.search(value):
            yield Hit(image["_id"], f"Modality {value!r} is no CT or MR", field, {"value": value})


def plane_not_a_scan(subject: Subject) -> Iterator[Hit]:
    """Find planes that no section of a body has: photographs, drawings, pathology."""
    field = "Description.Plane"
    for image in subject.images:
        value = text_at(image, field)
        if _NO_SCAN.search(value):
            yield Hit(image["_id"], f"Plane {value!r} is none of a scan", field, {"value": value})


def modality_spelling(subject: Subject) -> Iterator[Hit]:
    """Find modalities that are spelled otherwise than the rest, or name the modality alone."""
    field = "Description.Modality"
    for image in subject.images:
        value = (image.get("Description") or {}).get("Modality")
        if not isinstance(value, str) or not meant(value):
            continue
        if (
            value != value.strip()
            or _BARE.fullmatch(value)
            or re.search(r"montage of", value, re.I)
        ):
            message = f"Modality {value!r} is spelled otherwise than most"
            yield Hit(image["_id"], message, field, {"value": value})


def montage(subject: Subject) -> Iterator[Hit]:
    """Find pictures whose modality or plane says that they are several."""
    for image in subject.images:
        for field in ("Description.Modality", "Description.Plane"):
            value = text_at(image, field)
            if "montage" in value.lower():
                yield Hit(image["_id"], f"The label says {value!r}", field, {"value": value})
                break


def type_against_modality(subject: Subject) -> Iterator[Hit]:
    """Find pictures whose Type is one modality and whose Modality names the other."""
    for image in subject.images:
        value = text_at(image, "Description.Modality")
        said = _modality_in(value)
        if said and said != image.get("Type"):
            yield Hit(
                image["_id"], f"Type is {image.get('Type')}, Modality is {value!r}", "Type",
                {"type": image.get("Type"), "modality": value},
            )  # fmt: skip


def type_against_caption(subject: Subject) -> Iterator[Hit]:
    """Find pictures whose caption speaks of the other modality than Type, and of it alone."""
    for image in subject.images:
        caption = text_at(image, CAPTION)
        said, words = modality_said(caption)
        if said and said != image.get("Type"):
            yield Hit(
                image["_id"], f"Type is {image.get('Type')}, the caption speaks of {said}", "Type",
                {"type": image.get("Type"), "words": words},
            )  # fmt: skip


def modality_said(caption: str) -> tuple[Modality | None, str]:
    """Return the one modality that a caption speaks of, and the words; None if none or both."""
    ct = _CT.search(caption) or _CT_WORDS.search(caption)
    mr = _MR.search(caption) or _MR_WORDS.search(caption)
    if ct and not mr:
        return "CT", ct[0]
    if mr and not ct:
        return "MR", mr[0]
    return None, ""


def _modality_in(label: str) -> Modality | None:
    ct, mr = _CT.search(label), _MR.search(label)
    if ct and not mr:
        return "CT"
    return "MR" if mr and not ct else None


def not_a_location(subject: Subject) -> Iterator[Hit]:
    """Find locations that are no part of a body: a town, an empty form field."""
    for image in subject.images:
        value = text_at(image, "Location")
        if not meant(value) or value.lower() not in CATEGORIES:
            message = f"Location {value!r} is none" if value else "There is no location"
            yield Hit(image["_id"], message, "Location", {"value": value or None})


def category_against_location(subject: Subject) -> Iterator[Hit]:
    """Find location categories that are unknown, or not those of the location."""
    field = "Location Category"
    for image in subject.images:
        location, category = text_at(image, "Location"), text_at(image, field)
        wanted = CATEGORIES.get(location.lower(), _ANY)
        if category not in wanted:
            message = f"Location {location!r} is not in {category!r}"
            evidence = {"location": location, "category": category or None}
            if len(wanted) == 1:
                evidence["wanted"] = next(iter(wanted))
            yield Hit(image["_id"], message, field, evidence)


def location_differs(subject: Subject) -> Iterator[Hit]:
    """Find pictures that have another location than most of their case."""
    labels = {
        image["_id"]: (text_at(image, "Location"), text_at(image, "Location Category"))
        for image in subject.images
    }
    counts = Counter(labels.values())
    if len(counts) < 2:
        return
    (most, number), *_ = counts.most_common(1)
    for target, label in labels.items():
        if counts[label] < number:
            yield Hit(
                target, f"{number} pictures of its case are in {most[0]!r}", "Location",
                {"location": label[0], "category": label[1], "others": list(most)},
            )  # fmt: skip


def location_against_caption(subject: Subject) -> Iterator[Hit]:
    """Find pictures whose caption names parts of the body of one category only, another's.

    Where there is no caption, the title of the case stands in.
    """
    title = text_at(subject.case, "Case.Title")
    for image in subject.images:
        caption = text_at(image, CAPTION)
        there = caption and not says_nothing(caption) and not placeholder_in(caption)
        named = categories_in(caption if there else title)
        label = text_at(image, "Location Category")
        if len(named) == 1 and label not in named and label in _ANY:
            (category, words), *_ = named.items()
            where = "caption" if there else "title"
            yield Hit(
                image["_id"], f"It is in {label!r}, the {where} names {words!r}",
                "Location Category", {"category": label, "named": category, "words": words},
            )  # fmt: skip


_LABELS = ("Description.Age", "Description.Sex", "Description.Plane", "Description.Modality")


def label_missing(subject: Subject) -> Iterator[Hit]:
    """Find labels of a picture that are absent or stand for a missing value."""
    for image in subject.images:
        for field in _LABELS:
            value = text_at(image, field)
            if not meant(value) or value.lower().startswith("nos"):
                yield Hit(image["_id"], f"There is no {field}", field, {"value": value or None})


LABEL_RULES: tuple[Rule, ...] = (
    Rule(
        "modality-not-a-scan", 1, "review", "Modality",
        "The picture may be no scan; on an ordinary scan the label is wrong.", modality_not_a_scan,
    ),
    Rule(
        "plane-not-a-scan", 1, "review", "Plane",
        "The picture may be no scan; on an ordinary scan the label is wrong.", plane_not_a_scan,
    ),
    Rule(
        "modality-spelling", 1, "note", "Modality",
        "Several spellings of one thing split its pictures into several groups.",
        modality_spelling,
    ),
    Rule(
        "montage-label", 1, "note", "Modality, Plane",
        "Several panels in one picture are no single view.", montage,
    ),
    Rule(
        "type-against-modality", 1, "review", "Type, Modality",
        "One of two labels of the same picture is wrong.", type_against_modality,
    ),
    Rule(
        "type-against-caption", 1, "review", "Type, Caption",
        "The caption describes another modality than the label.", type_against_caption,
    ),
    Rule(
        "not-a-location", 1, "review", "Location",
        "The label is no part of a body.", not_a_location,
    ),
    Rule(
        "category-against-location", 1, "review", "Location, Location Category",
        "One of two labels of the same picture is wrong.", category_against_location,
    ),
    Rule(
        "location-differs-in-case", 1, "review", "Location, Location Category",
        "Pictures of one case rarely show different parts of the body.", location_differs,
    ),
    Rule(
        "location-against-caption", 1, "review", "Location Category, Caption, Title",
        "A location that is one a case is wrong for its pictures of other parts.",
        location_against_caption,
    ),
    Rule(
        "label-missing", 1, "note", "Age, Sex, Plane, Modality",
        "A user has to know which labels are there.", label_missing,
    ),
)  # fmt: skip
"""Every rule over labels."""
