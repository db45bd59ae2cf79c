"""Rules over what can be read in pictures: what may identify a person, and what the scanner wrote.

What was read is kept with the look alone: a finding says of what kind it is and where, not what.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from medpix2.curate.lettering import BURNED_IN, LETTERING
from medpix2.curate.rule import Hit, Rule, Subject
from medpix2.encode.mark import MARKS

_MONTHS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_SEPARATOR = r"\s?[-/.\\]\s?"
# What a line is searched for, and what it then may tell; a reader confuses O and 0, l and 1.
IDENTIFIERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("date of birth", re.compile(r"\bD\.?[O0]\.?B\b|\bborn\b|\bbirth", re.I)),
    ("date", re.compile(rf"(?<!\d)\d{{1,2}}{_SEPARATOR}\d{{1,2}}{_SEPARATOR}(?:19|20)?\d{{2}}")),
    ("date", re.compile(rf"(?<!\d)(?:19|20)\d{{2}}{_SEPARATOR}\d{{1,2}}{_SEPARATOR}\d{{1,2}}")),
    ("date", re.compile(rf"(?<!\d)\d{{1,2}}[-/ .]?(?:{_MONTHS})[A-Z]*[-/ .,]*\d{{2}}", re.I)),
    ("date", re.compile(rf"\b(?:{_MONTHS})[A-Z]*[-/ .]*\d{{1,2}}[-/ .,]+(?:19|20)?\d{{2}}", re.I)),
    (
        "number",
        re.compile(
            r"\b(?:[I1l]D|MRN?|ACC(?:ESSION)?|PAT(?:IENT)?|SSN|STUDY|EX(?:AM)?|CASE|REG)\b"
            r"\s*(?:ID|N[O0R]|NUMBER|#)?\s*[.:#-]*\s*[A-Z]{0,3}\d[\d-]{2,}",
            re.I,
        ),
    ),
    ("number", re.compile(r"(?<![\d.])(?:\d{6,}|\d{3}-\d{2}-\d{4}|\d{4,}-\d{2,})(?![\d.])")),
    (
        "hospital",
        re.compile(
            r"HOSP|CLINI[CK]|MEDICAL|\bMED\.? C|CENT(?:ER|RE)\b|UNIV|INSTITUT|INFIRMARY|SANATORIUM"
            r"|RADIOLOGY\b|IMAGING C|\bARMY|\bNAVAL|\bNAVY|\bAFB\b|\bA\.?F\.? BASE|\bUSAF"
            r"|RAMC\b|\bNNMC\b|\bB?AMC\b|\bVAMC\b|\bHEALTH",
            re.I,
        ),
    ),
    ("name", re.compile(r"\b(?:DR|MR|MRS|MS|PROF)\.?\s+[A-Z][A-Za-z'-]{2,}|,\s*M\.?D\b", re.I)),
    ("name", re.compile(r"\b(?:NAME|PATIENT|PHYSICIAN|REF(?:ERRED)?)\s*[.:]\s*[A-Z]{2,}", re.I)),
    ("name", re.compile(r"[A-Za-z'-]{2,}\^[A-Za-z]")),
)

# Words that scanners write: in front of or behind a comma they name nobody.
SCAN_WORDS = frozenset(
    "left right anterior posterior superior inferior head feet foot prone supine axial coronal "
    "sagittal oblique sag cor ax image images series slice slices scan scout survey localizer "
    "loc window width level zoom angle view size thickness location position table time tube "
    "tilt gantry phase delay arterial venous portal contrast with without plain post pre gad "
    "gadolinium omnipaque isovue oral iv inj bolus chest abdomen pelvis abd brain neck spine "
    "cervical thoracic lumbar knee shoulder hip wrist ankle elbow hand orbits sinus sinuses "
    "temporal bone lung liver kidney renal cardiac heart aorta carotid routine protocol "
    "standard detail soft tissue mri mra mrv ct cta pet flair stir fse tse gre spgr fiesta dwi "
    "adc fat sat fatsat supp saturated proton density diffusion weighted echo gradient spin "
    "inversion recovery matrix fov nex tr te ti flip thk gap mag made osirix siemens philips "
    "toshiba signa ge medical systems lightspeed sensation somatom compressed uncompressed "
    "lossy jpeg quality mip mpr reformat recon volume rendered page key sec kvp ma mas dfov "
    "sfov std acq acquisition noise index first male female".split()
)
_LAST_FIRST = re.compile(r"([A-Za-z][A-Za-z'-]+)\s?[,.]\s?([A-Za-z][A-Za-z'-]+)")
_WORD = re.compile(r"[A-Za-z'-]+")
SURE = 0.8
"""Score from which two words alone are taken for a name."""
GRAIN, VARIED = 5, 3
"""Of so many letters and digits at least so many differ: trabeculae are read as 66866888."""
FEW, SHORT = 3, 0.95
"""A line of fewer letters counts from this score only: a ring of anatomy is read as O, 0 or 8."""
SOURCE = re.compile(r"\bup[l1i]oader|\bsource\s?:|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-", re.I)
"""What the source's footer reads like, where the mask has left it."""
MARK_WORDS = tuple("".join(row[0] for row in mark.letters).strip("®").upper() for mark in MARKS)
"""What the watermarks say that are known."""


def is_of_source(text: str) -> bool:
    """Tell whether a line is of the source's footer, or its watermark or most of that."""
    if SOURCE.search(text):
        return True
    letters = "".join(re.findall("[A-Z]", text.upper()))
    run = max(3, len(letters) - 2)
    parts = {letters[at : at + run] for at in range(len(letters) - run + 1)}
    return len(text) <= 12 and any(part in word for part in parts for word in MARK_WORDS)


def kinds_of(text: str, score: float = 1.0) -> tuple[str, ...]:
    """Return what a line of lettering may tell of a person: name, date, number, ...

    Parameters
    ----------
    text
        As it was read, with the reader's errors.
    score
        How sure the reader is, 0 to 1.
    """
    if _is_grain(text):
        return ()
    kinds = [kind for kind, pattern in IDENTIFIERS if pattern.search(text)]
    if _is_name(text, score):
        kinds.append("name")
    return tuple(dict.fromkeys(kinds))


def _is_name(text: str, score: float) -> bool:
    """Tell whether a line is LAST, FIRST or two or three words that no scanner writes."""
    for last, first in _LAST_FIRST.findall(text):
        if not {last.lower(), first.lower()} & SCAN_WORDS and len(last) > 2 < len(first) + 1:
            return True
    words = _WORD.findall(text)
    return (
        score >= SURE
        and 2 <= len(words) <= 3
        and not re.search(r"\d", text)
        and all(len(word) >= 3 and word[0].isupper() for word in words)
        and not {word.lower() for word in words} & SCAN_WORDS
    )


def lines_of(subject: Subject) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield the id of each image that was read, with its lines."""
    for image in subject.images:
        seen = subject.looked.get(image["_id"], {}).get(LETTERING.name)
        if seen is not None:
            yield image["_id"], seen["lines"]


def identifiers(subject: Subject) -> Iterable[Hit]:
    """Yield the images with lettering that may identify a person."""
    for name, lines in lines_of(subject):
        found = [(kinds_of(line["text"], line["score"]), line["box"]) for line in _others(lines)]
        told = [(kinds, box) for kinds, box in found if kinds]
        if told:
            kinds = sorted({kind for kinds, _ in told for kind in kinds})
            yield Hit(
                name,
                f"lettering that may tell who it is: {', '.join(kinds)}",
                evidence={"kinds": kinds, "boxes": [box for _, box in told]},
            )


def scanner(subject: Subject) -> Iterable[Hit]:
    """Yield the images with lettering of the scan itself that identifies nobody."""
    for name, lines in lines_of(subject):
        plain = [line["box"] for line in _others(lines) if _is_plain(line["text"], line["score"])]
        if plain:
            number = f"{len(plain)} lines" if len(plain) > 1 else "1 line"
            yield Hit(name, f"lettering of the scan, {number}", evidence={"boxes": plain})


def _others(lines: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the lines that are not the source's own."""
    return [line for line in lines if not is_of_source(line["text"])]


def _is_plain(text: str, score: float) -> bool:
    """Tell whether a line is lettering that identifies nobody, and no ring or edge of anatomy."""
    letters = len(re.findall(r"[A-Za-z0-9]", text))
    sure = score >= (SHORT if letters < FEW else SURE)
    return sure and not kinds_of(text, score) and not _is_grain(text)


def _is_grain(text: str) -> bool:
    """Tell whether a line repeats one or two signs, as the reader sees them in trabeculae."""
    signs = re.findall(r"\w", text)
    return len(signs) >= GRAIN and len(set(signs)) < VARIED


def source_left(subject: Subject) -> Iterable[Hit]:
    """Yield the images in which the source's own lettering can be read though it was masked."""
    for name, lines in lines_of(subject):
        left = [line["box"] for line in lines if is_of_source(line["text"])]
        if left:
            message = "the mask leaves some of the source's own lettering"
            yield Hit(name, message, evidence={"boxes": left})


LETTERING_RULES: tuple[Rule, ...] = (
    Rule(
        "identifier-lettering", 1, "review", f"look {LETTERING.name}",
        "A picture that names its patient, hospital or date must not go on to others.",
        identifiers,
    ),
    Rule(
        "source-lettering-left", 1, "review", f"looks {BURNED_IN.name}, {LETTERING.name}",
        "The source's footer names people; where the mask misses it, it must be masked by hand.",
        source_left,
    ),
    Rule(
        "scan-lettering", 1, "note", f"look {LETTERING.name}",
        "Orientation, window and slice tell a model what no patient's anatomy does.",
        scanner,
    ),
)  # fmt: skip
