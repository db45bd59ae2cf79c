"""Rules over what could identify a person in a text: addresses, numbers, names, dates.

The list of what identifies follows the HIPAA Safe Harbor method, 45 CFR 164.514(b)(2). References
are left out: names and dates of publications belong there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from medpix2.curate.rule import Hit, Rule, Subject
from medpix2.curate.texts import REPORT, excerpt, texts_of

_ALL = (*REPORT, "Topic.Title", "Topic.Disease Discussion", "Topic.Keywords", "Topic.Reference")
_PROSE = (*REPORT, "Topic.Title", "Topic.Disease Discussion")
_PATIENT = tuple(field for field in REPORT if field != "Case.Discussion")
_IMAGE = ("Description.Caption", "Description.Figure Part")

_EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?(?:[\w?-]+\.)+(?:[a-z]{2,}|\?+)", re.I)
_PHONE = re.compile(
    r"(?<![\w.-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{3}\)\s?|\d{3}[.-])\d{3}[.-]\d{4}(?![\w-])"
    r"|\b(?:tel|phone|telephone|mobile|pager|fax|dsn)\b[.:#\s]{1,3}\+?\(?\d[\d\s().-]{5,}\d",
    re.I,
)
_RECORD = re.compile(
    r"\b(?:MRN|SSN|(?:medical )?record (?:no|number|#)|social security(?: number| no)?"
    r"|(?:patient|hospital|pt|accession|case|chart|register|registration)"
    r"[ ]?(?:id|no|number|identification)|FMP/SSN|DOD id)\b[.:#\s]{0,4}(?:is\s)?#?"
    r"(?=[\w-]*\d)[\w-]{4,}"
    r"|(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])",
    re.I,
)
_CAPITAL = r"[A-Z](?:[a-z]+|['’][A-Z][a-z]+)(?:-[A-Z][a-z]+)?"
_FULL_NAME = rf"(?:{_CAPITAL}|[A-Z]\.)(?:\s(?:{_CAPITAL}|[A-Z]\.?(?=\s))){{0,2}}\s{_CAPITAL}"
_NAME = re.compile(
    rf"\b(?:Dr|Mr|Mrs|Ms|Prof)\b\.?\s+(?:{_CAPITAL}|[A-Z]\.\s?{_CAPITAL})(?:\s{_CAPITAL})?"
    rf"|\b(?:Miss|Doctor|Professor|Sgt|Capt|Captain|Lt|Maj|Major|Col|Colonel|Cpl|Pvt)\b\.?"
    rf"\s{_CAPITAL}\s{_CAPITAL}"
    rf"|\b(?:[Pp]atient(?:'s)? [Nn]ame(?: is|:)?|[Pp]atient:|named)\s{_CAPITAL}(?:,?\s{_CAPITAL})+"
    rf"|\b{_FULL_NAME},?\s(?:M\.?D\.?|D\.?O\.?|Ph\.?D\.?|USN|USAF|MC)\b"
    rf"|\b(?:[Aa]pproved|[Ss]ubmitted|[Cc]ontributed|[Rr]eviewed|[Dd]ictated|[Uu]ploaded) by:?\s"
    rf"(?:Dr\.?\s)?{_FULL_NAME}"
    rf"|\b[Cc]ourtesy (?:of|from):?\s+(?:Dr\.?\s)?{_FULL_NAME}"
)
# A disease's namesake, or who wrote of it, is no secret.
_KNOWN = re.compile(
    r"\b(?:described|reported|documented|discovered|named|coined|introduced|popularized|devised"
    r"|developed|eponym\w*|first|published|according|et al|book|journal|j\.|vol|pp)\b",
    re.I,
)
_PAGES = re.compile(r"^[\s,.]*(?:pp?\b|vol\b|eds?\b|[12]\d{3}\b)", re.I)
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)(?![a-z])\.?"
)
_YEAR = r"(?:19|20)\d\d(?!\d)"
_DATE = re.compile(
    rf"(?<![\d./-])(?:0?[1-9]|1[0-2])(?P<s>[/-])(?:0?[1-9]|[12]\d|3[01])(?P=s)(?:{_YEAR}|\d\d)(?![\d./%-])"
    rf"|(?<![\d./-])(?:0?[1-9]|[12]\d|3[01])(?P<t>[/.-])(?:0?[1-9]|1[0-2])(?P=t){_YEAR}(?![\d/-])"
    rf"|(?<![\d./-]){_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)"
    rf"|\b(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[ -]?(?:of )?{_MONTH}"
    rf"(?:[ ,-]{{0,2}}(?:{_YEAR}|\d\d\b))?"
    rf"|\b{_MONTH}\s(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?,?\s{_YEAR}"
    rf"|\b{_MONTH}\s(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?\b(?![\s,]*\d)"
)
_MONTH_OF = re.compile(
    rf"\b{_MONTH},?\s?(?:of\s)?(?:{_YEAR})|(?<![\d/.-])(?:0?[1-9]|1[0-2])/{_YEAR}(?![\d/])"
)
_CITED = re.compile(
    r"\b(?:accessed|updated|retrieved|lecture|published|available|edition|vol|volume|issue|journal"
    r"|www|https?|pmid|uptodate|emedicine|medscape|clinics|radiology|et al)\b"
    r"|\d\s?\(\d+\)\s?[:;,]"  # volume (issue):
    r"|\b(?:J|Am|Eur|Radiol|Med|Surg)\b\.?\s",
    re.I,
)
_INSTITUTION = re.compile(
    rf"\b(?:{_CAPITAL}\s)(?:{_CAPITAL}\s|of\s|and\s){{0,4}}"
    r"(?:Hospital|Medical Center|Clinic|Infirmary|Army Medical Center|Naval Hospital)\b"
    r"|\b(?:WRAMC|NNMC|TAMC|BAMC|WHMC|MAMC|USUHS|AFIP)\b"
)
_AROUND = 60  # characters in which a citation or a namesake shows


def _hits(
    subject: Subject,
    fields: Iterable[str],
    pattern: re.Pattern[str],
    message: str,
    known: Callable[[str, re.Match[str]], bool] = lambda text, matched: False,
) -> Iterator[Hit]:
    """Yield one hit a text, with all the words that were found in it."""
    for target, field, text in texts_of(subject, fields, _IMAGE):
        found = [matched for matched in pattern.finditer(text) if not known(text, matched)]
        if found:
            words = list(dict.fromkeys(" ".join(matched[0].split()) for matched in found))
            yield Hit(
                target, f"{message}: {words[0]}", field,
                {"words": words, "around": excerpt(text, *found[0].span())},
            )  # fmt: skip


def email_in_text(subject: Subject) -> Iterator[Hit]:
    """Find e-mail addresses."""
    return _hits(subject, _ALL, _EMAIL, "There is an e-mail address")


def phone_in_text(subject: Subject) -> Iterator[Hit]:
    """Find telephone numbers."""
    return _hits(subject, _ALL, _PHONE, "There is a telephone number")


def record_number_in_text(subject: Subject) -> Iterator[Hit]:
    """Find numbers of patients, records and social security."""
    return _hits(subject, _ALL, _RECORD, "There is a record number")


def name_in_text(subject: Subject) -> Iterator[Hit]:
    """Find names of people: with a title before or a degree behind, or introduced as a name."""
    return _hits(subject, _PROSE, _NAME, "There is a person's name", _namesake)


def date_in_text(subject: Subject) -> Iterator[Hit]:
    """Find dates with a day that are not those of a publication."""
    return _hits(subject, _PROSE, _DATE, "There is a date", _cited)


def month_in_text(subject: Subject) -> Iterator[Hit]:
    """Find months of a year in what tells of the patient."""
    return _hits(subject, _PATIENT, _MONTH_OF, "There is a month of a year", _of_a_day)


def institution_in_text(subject: Subject) -> Iterator[Hit]:
    """Find names of hospitals in what tells of the patient."""
    return _hits(subject, _PATIENT, _INSTITUTION, "There is a hospital's name")


def _namesake(text: str, matched: re.Match[str]) -> bool:
    before = re.split(r"[.;]\s", text[max(0, matched.start() - _AROUND) : matched.start()])[-1]
    after = text[matched.end() : matched.end() + _AROUND // 2]
    return bool(_KNOWN.search(before) or _PAGES.search(after))


def _cited(text: str, matched: re.Match[str]) -> bool:
    around = text[max(0, matched.start() - _AROUND) : matched.end() + _AROUND // 2]
    return _CITED.search(around) is not None


def _of_a_day(text: str, matched: re.Match[str]) -> bool:
    """Tell whether a month belongs to a date with a day, or to a publication."""
    day = re.search(r"\d(?:st|nd|rd|th)?[ -]$", text[: matched.start()])
    return day is not None or _cited(text, matched)


_TEXTS = "report, topic, Caption"
IDENTITY_RULES: tuple[Rule, ...] = (
    Rule(
        "email-in-text", 1, "exclude", _TEXTS,
        "An address names a person: it must not be passed on before somebody has taken it out.",
        email_in_text,
    ),
    Rule(
        "phone-in-text", 1, "review", _TEXTS,
        "A telephone number leads to a person.", phone_in_text,
    ),
    Rule(
        "record-number-in-text", 1, "review", _TEXTS,
        "A record number leads to a patient.", record_number_in_text,
    ),
    Rule(
        "name-in-text", 1, "review", "report, disease discussion, Caption",
        "The name may be a patient's; a physician's is to be credited, not learned.", name_in_text,
    ),
    Rule(
        "date-in-text", 1, "review", "report, disease discussion, Caption",
        "The day of an examination helps to find the patient.", date_in_text,
    ),
    Rule(
        "month-in-text", 1, "note", "report, Caption",
        "The month of an examination counts as identifying too (HIPAA Safe Harbor).",
        month_in_text,
    ),
    Rule(
        "institution-in-text", 1, "note", "report, Caption",
        "Where somebody was treated helps to find the patient.", institution_in_text,
    ),
)  # fmt: skip
"""Every rule over what could identify a person."""
