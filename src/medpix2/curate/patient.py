"""What a text says of the patient: ages and sex, with the words that say so.

Histories name other people too: mothers, sisters, an infant's parents. What is said of a relative
is left out; where a text can be read two ways, it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from medpix2.curate.texts import excerpt

Sex = Literal["male", "female"]
AROUND = 12  # characters that are quoted around what was matched

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: number for number, word in enumerate(_ONES)} | {
    word: 10 * number for number, word in enumerate(_TENS, start=2)
}
_SPELLED = rf"(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES[1:10])}))?|{'|'.join(_ONES[1:])}"
_PER_YEAR = {"y": 1.0, "m": 12.0, "w": 52.18, "d": 365.25, "h": 8766.0}

_NUMBER = rf"(?P<number>\d{{1,3}}(?:\.\d+)?|{_SPELLED})"
_UNIT = r"(?P<unit>years?|yrs?|y|months?|mos?|m|weeks?|wks?|w|days?|d|hours?|hrs?)"
_FEMALE = (
    "female|woman|women|womam|girl|lady|aaf|wf|bf|hf|housewife|schoolgirl|nulligravida"
    "|primigravida|multigravida|nullipara|primipara|multipara|gravida"
)
_MALE = "male|man|men|boy|gentleman|aam|wm|bm|hm|schoolboy"
_PERSON = rf"(?:{_FEMALE}|{_MALE})"
_RELATIVE = (
    r"(?:grand)?(?:mother|father|mom|dad|parent|son|daughter)s?|mum|sisters?|brothers?|siblings?"
    r"|twins?|aunts?|uncles?|cousins?|wife|husband|spouse|roommates?|friends?|donor|maternal"
    r"|paternal|boyfriend|girlfriend"
)
_CHILD = r"(?:infant|baby|child|fo?etus|neonate|newborn)"

# "45-year-old", "45 y.o.", "45 yo", "45y/o", "45 years of age", "21-year man", "45 YR OLD".
_AGE = re.compile(
    rf"(?<![\w./<>%]){_NUMBER}\s*-?\s*(?:and (?:a |one[ -])?half[ -])?{_UNIT}\.?[\s/-]*"
    rf"(?:(?P<old>olds?\b|o(?:ld)?\b\.?|of age\b)|(?P<person>(?:\w+\s+){{0,2}}?{_PERSON}s?\b))",
    re.I,
)
# "57yo F" has its unit; "45M" and "62 F," have none.
_BARE = re.compile(r"(?<![\w./<>%-])(?P<number>\d{1,3})\s?(?P<letter>[MF])\b(?![\w/'-])")
# "Teenage (14) boy", "age 45", "aged 45", "Age: 45".
_AGED = re.compile(
    r"\b(?:aged?\s*:?\s*|teenaged? \()(?P<number>\d{1,3})\b(?!\s*(?:-|to)\s*\d)", re.I
)
# Ages of another time than that of the pictures.
_THEN = re.compile(
    r"(?:since|until|till|when (?:he|she|pt|patient)(?: was)?|at(?: the| an)?(?: age(?: of)?)?"
    r"|from(?: the)? age(?: of)?|age of onset|by(?: the)? age(?: of)?|diagnosed at|for|over|after"
    r"|before)\s*$",
    re.I,
)
_AFTER_AGE = re.compile(rf"[\s,]*(?:[\w/'-]+\s+){{0,4}}?(?P<relative>{_RELATIVE})\b", re.I)
_BEFORE_AGE = re.compile(
    rf"\b(?:(?:{_RELATIVE})\b(?:'s)?(?:\s+(?:is|was|with|who|a|an|the|of|healthy|in|his|her))*"
    rf"|(?:born to|{_CHILD} of)(?: (?:a|an|the))?|delivered (?:by|to) (?:a|an)?|for (?:a|an))\s*$",
    re.I,
)
_SENTENCE = re.compile(r"[.;!?]\s+(?=[A-Z\"(])|\n+")
UNBORN = re.compile(
    r"\b(?:f(?:o)?etus|f(?:o)?etal|prenatal|antenatal|in utero|intrauterine|gestation\w*|newborns?"
    r"|neonat\w+|stillborn|infants?|baby|babies|birth|born|preterm|premature\w*|nicu|primigravida"
    r"|hours? old|hours? of life|day[ -]?olds?|days? old|days? of life|d/?o|term)\b",
    re.I,
)
"""Words with which an age of 0 is likely to be right, and not the default of an empty field."""


@dataclass(frozen=True)
class Said:
    """An age in years or a sex, and the words that say it."""

    value: float | Sex
    words: str


@lru_cache(maxsize=2048)
def ages_said(text: str) -> tuple[Said, ...]:
    """Return the patient's ages that a text names, in their order, in years.

    >>> [said.value for said in ages_said("A 3-month-old boy. His 30 year old mother is well.")]
    [0.25]
    """
    found = sorted(_ages_in(text), key=lambda pair: pair[0])
    return tuple(said for _, said in found)


def _ages_in(text: str) -> Iterator[tuple[int, Said]]:
    for matched in _AGE.finditer(text):
        unit = matched["unit"].lower()[0]
        if unit != "y" and not matched["old"] and not re.search(r"\s|-", matched[0]):
            continue
        if matched["person"] and re.search(r"\bhistory|\bof\b|\bfor\b|\bwith\b", matched["person"]):
            continue
        before, after = text[max(0, matched.start() - 60) : matched.start()], text[matched.end() :]
        if _THEN.search(before) or _BEFORE_AGE.search(before):
            continue
        if not matched["person"] and (kin := _AFTER_AGE.match(after)) and not _is_patient(kin[0]):
            continue
        years = _number(matched["number"]) / _PER_YEAR[unit]
        yield matched.start(), Said(round(years, 3), excerpt(text, *matched.span(), AROUND))
    for pattern in (_BARE, _AGED):
        for matched in pattern.finditer(text):
            before = text[max(0, matched.start() - 60) : matched.start()]
            if _THEN.search(before) or _BEFORE_AGE.search(before):
                continue
            words = excerpt(text, *matched.span(), AROUND)
            yield matched.start(), Said(float(matched["number"]), words)


def _is_patient(after: str) -> bool:
    """Tell whether a person is named between an age and a relative: 'woman with her sister'."""
    return re.search(rf"\b(?:{_PERSON}|with|who|whose|presents?|[MF])\b", after) is not None


def _number(text: str) -> float:
    if text[0].isdigit():
        return float(text)
    return float(sum(_WORDS[word] for word in re.split("[ -]", text.lower())))


_SEXED = re.compile(
    rf"\b(?:(?P<female>{_FEMALE}|females)|(?P<male>{_MALE}|males))\b(?!['’]s\b)", re.I
)
# What stands between an age and the sex: "45 y/o previously healthy active duty W/M".
_AFTER = re.compile(
    rf"[\s,(/:.-]*(?:[\w/’'()-]+[\s,/-]+){{0,6}}?(?:(?P<female>{_FEMALE}|F\b|W/?F\b)"
    rf"|(?P<male>{_MALE}|M\b|W/?M\b))(?![\w'’])",
    re.I,
)
_STOP = re.compile(
    rf"\b(?:{_RELATIVE}|with|who|presents?|presented|presenting|complain\w*|had|has|is|was|status"
    r"|history|found|noted|after|c/o|s/p)\b|[.;]\s+[A-Z]",
    re.I,
)
_KIN_BEFORE = re.compile(
    rf"\b(?:{_RELATIVE})\b,?(?:\s+(?:is|was|a|an|the))*(?:\s+\w+)?\s*$"
    rf"|\b(?:born to|{_CHILD} of)\b.{{0,40}}$"
    r"|\b(?:his|her|their|another|other|every|all|most|many|of|in|than|for)(?:\s+(?:a|an|the))?\s*$",
    re.I,
)
_GROWN = re.compile(
    r"\b(?:middle[- ]?aged?|adult|elderly|man|woman|gentleman|lady|soldier|airman|sailor)\b", re.I
)
_HE = re.compile(r"\b(?:he|him|himself|his)\b", re.I)
_SHE = re.compile(r"\b(?:she|her|herself|hers)\b", re.I)
_KIN = re.compile(rf"\b(?:{_RELATIVE}|infants?|bab(?:y|ies)|fetus|girl|boy|man|woman)\b", re.I)
_PREGNANT = re.compile(
    r"\bG\d{1,2}\s?,?\s?P\d{1,4}\b|\bpostpartum\b|\bpost[- ]?menopausal\b|\bhysterectomy\b"
    r"|\b(?:she|woman|patient|pt) (?:is|was) (?:\d+ weeks )?pregnant\b"
    r"|\bTAH(?:/?BSO)?\b|\bpap smear\b|\bLMP\b"
)
_PROSTATE = re.compile(
    r"\bprostatectomy\b|\bBPH\b|\bTURP\b|\bscrotal\b|\bscrotum\b|\btesticular\b|\btestis\b"
    r"|\borchiectomy\b|\bvasectomy\b|\bhis prostate\b|\bpenile\b|\bundescended test",
    re.I,
)


_OTHERS = re.compile(r"\b(?:mother|maternal|family|fetus)\b", re.I)


@lru_cache(maxsize=2048)
def sex_said(text: str) -> Said | None:
    """Return the patient's sex as a text says it, or None where it does not, or says both.

    In this order: what stands with an age ("45 yo M", "33-year-old woman"); a person named at the
    beginning of a sentence ("The patient is a woman"); he or she throughout.

    >>> sex_said("His mother noticed a lump in this 3-month-old girl.").value
    'female'
    """
    with_age = [said for matched in _AGE.finditer(text) if (said := _sex_after(text, matched))]
    with_age += [
        Said("female" if matched["letter"] == "F" else "male", matched[0])
        for matched in _BARE.finditer(text)
    ]
    if with_age:
        return with_age[0] if len({said.value for said in with_age}) == 1 else None
    if said := _agreed(list(_named(text))):
        return said
    he, she = _HE.search(text), _SHE.search(text)
    matched = he or she
    if matched is None or (he and she) or _KIN.search(text):
        return None
    return Said("male" if he else "female", excerpt(text, *matched.span(), AROUND))


def grown_said(text: str) -> str | None:
    """Return the words with which a text says, without a number, that the patient is grown up."""
    for sentence in _SENTENCE.split(text)[:2]:
        for matched in _GROWN.finditer(sentence):
            if not _KIN_BEFORE.search(sentence[: matched.start()]) and matched.start() < 80:
                return excerpt(sentence, *matched.span(), AROUND)
    return None


@lru_cache(maxsize=2048)
def sex_of_organs(text: str) -> Said | None:
    """Return the sex to whom alone what a text tells can happen: a childbirth, a prostatectomy."""
    female, male = _PREGNANT.search(text), _PROSTATE.search(text)
    matched = female or male
    if matched is None or (female and male) or _OTHERS.search(text):
        return None
    return Said("female" if female else "male", excerpt(text, *matched.span(), AROUND))


def _sex_after(text: str, age: re.Match[str]) -> Said | None:
    before = text[max(0, age.start() - 60) : age.start()]
    if _BEFORE_AGE.search(before) or _THEN.search(before):
        return None
    start = age.start("person") if age["person"] else age.end()
    matched = _AFTER.match(text, start)
    if not matched:
        return None
    kin = _AFTER_AGE.match(text, matched.end() - 1)
    beside = kin is not None and kin.start("relative") < matched.end() + 2  # "female sibling"
    if beside or _STOP.search(text, start, matched.end()):
        return None
    if matched["male"] and matched["male"].lower() in ("m", "f") and matched["male"].islower():
        return None
    words = excerpt(text, age.start(), matched.end(), AROUND)
    return Said("female" if matched["female"] else "male", words)


def _named(text: str) -> Iterator[Said]:
    for sentence in _SENTENCE.split(text)[:3]:
        for matched in _SEXED.finditer(sentence):
            if not _KIN_BEFORE.search(sentence[: matched.start()]) and matched.start() < 80:
                value: Sex = "female" if matched["female"] else "male"
                yield Said(value, excerpt(sentence, *matched.span(), AROUND))


def _agreed(said: list[Said]) -> Said | None:
    return said[0] if len({one.value for one in said}) == 1 else None
