"""Rules over texts: placeholders, missing, empty and tiny parts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from medpix2.curate.rule import Hit, Rule, Subject
from medpix2.curate.texts import CAPTION, REPORT, TOPIC, excerpt, text_at, texts_of
from medpix2.records import meant

# What forms and authors leave where a text should stand. Anywhere in a text:
_PLACEHOLDER = re.compile(
    r"replace this|description of the image or findings|lorem ipsum|\bplaceholder\b"
    r"|\b(?:insert|enter|type|add) (?:(?:a|the|your|some) )?(?:text|caption|description|history)\b"
    r"|\b(?:text|caption|description|details) (?:goes |to be (?:added|inserted|completed))"
    r"|\b(?:left|leave) blank\b|\bx{4,}\b",
    re.I,
)
# The same, where it is all that the text says, or how it begins.
_PLACEHOLDER_ALL = re.compile(
    r"(?:tb[ad]|to be (?:determined|announced|completed|added)|to follow|(?:work )?in progress"
    r"|coming soon|under construction|to do|todo|asdf\w*|test|testing)\W*"
    r"|(?:this is (?:a|only a) )?test case\b.{0,40}",
    re.I | re.S,
)
_FORM = re.compile(r"\bcan include gestational age, or age in days, weeks, months\b", re.I)
_NOT_GIVEN = re.compile(
    r"(?:(?:the|pt|patient|hx|pe|history|(?:physical )?exam(?:ination)?|findings?|treatment"
    r"|results?|information|data|discussion|caption|follow[- ]?up|diagnosis|labs?)\W+){0,3}"
    r"(?:(?:is|was|were|are) )?(?:not|none|un)[ -]?"
    r"(?:available|provided|reported|given|applicable|known|recorded|stated|specified|obtained"
    r"|submitted|listed)(?: (?:by|from) (?:the )?(?:author|contributor|submitter))?[\s.!]*"
    r"|no (?:\w+ ){1,5}(?:(?:is|was|were|are) )?"
    r"(?:available|provided|given|reported|submitted)[\s.!]*",
    re.I,
)
_ELSEWHERE = re.compile(
    r"(?:please |pls )?(?:see|refer to|read|as|same as|c\.?f\.?)(?: the| my| also)* "
    r"(?:(?:above|below|previous|other|factoid|topic|discussion|disease discussion|history|findings"
    r"|captions?|images?|case|text|text above|text below|image captions?|factoid below)\b[\s,/&]*"
    r"(?:and |or |in )?){1,3}[\s.!)]*",
    re.I,
)
_SECTIONS = (*REPORT[1:], *TOPIC)
# Sections in which one word can be a full answer: a method, a diagnosis, a key word.
_PROSE = (
    "Case.History", "Case.Exam", "Case.Findings", "Case.Treatment & Follow Up", "Case.Discussion",
    "Topic.Disease Discussion",
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_TECHNIQUE = frozenset(
    (
        "ct cta mr mri mra mrs scan scans image images imaging picture figure fig film view "
        "views slice series sequence axial coronal sagittal oblique transverse lateral frontal "
        "ap pa d t w wi flair stir dwi adc gre fgre fse fiesta spgr pd pdw proton density "
        "weighted diffusion fat sat saturation saturated suppressed suppression gradient echo "
        "spin fast inversion recovery contrast noncontrast non pre post with without wo and of "
        "the a an in on iv po oral intravenous gadolinium gad gd enhanced unenhanced nect cect "
        "hrct delayed phase arterial venous portal bone lung soft tissue window windows "
        "reconstruction reformatted reformat multiplanar mip selected representative subsequent "
        "additional multiple same another follow up followup initial number no from map plane "
        "planes section sections study ax cor sag"
    ).split()
)


def placeholder_in(text: str) -> re.Match[str] | None:
    """Return where in a text there is what a form or an author left to be replaced."""
    return _PLACEHOLDER.search(text) or _PLACEHOLDER_ALL.fullmatch(text)


def placeholder_text(subject: Subject) -> Iterator[Hit]:
    """Find texts that a form or an author left to be replaced."""
    for target, field, text in texts_of(subject, (*REPORT, *TOPIC)):
        if matched := placeholder_in(text):
            words = excerpt(text, *matched.span(), around=0)
            yield Hit(target, "The text is a placeholder", field, {"words": words})


def form_text(subject: Subject) -> Iterator[Hit]:
    """Find the prompt of the entry form before an author's words."""
    for target, field, text in texts_of(subject, REPORT):
        if matched := _FORM.search(text):
            yield Hit(target, "The form's prompt stands in it", field, {"words": matched[0]})


def section_absent(subject: Subject) -> Iterator[Hit]:
    """Find sections of a report or topic that are absent, null or empty."""
    if subject.case is not None:
        for field in _SECTIONS:
            if not text_at(subject.case, field):
                yield Hit(subject.id, f"There is no {field}", field)


def section_not_available(subject: Subject) -> Iterator[Hit]:
    """Find sections whose text says that there is none: N/A, not provided, unknown."""
    for target, field, text in texts_of(subject, _SECTIONS, ()):
        if says_nothing(text):
            yield Hit(target, f"It says only {text!r}", field, {"value": text})


def caption_missing(subject: Subject) -> Iterator[Hit]:
    """Find pictures without a caption, or with one that says that there is none."""
    for image in subject.images:
        text = text_at(image, CAPTION)
        if not text or says_nothing(text):
            yield Hit(image["_id"], "There is no caption", CAPTION, {"value": text or None})


def tiny_text(subject: Subject) -> Iterator[Hit]:
    """Find texts with fewer letters than any word that would answer."""
    for target, field, text in texts_of(subject, (*REPORT, *TOPIC)):
        letters = sum(map(len, _WORD.findall(text)))
        if letters < (3 if field in _PROSE or field == CAPTION else 2) and not says_nothing(text):
            yield Hit(target, f"It says only {text!r}", field, {"value": text})


def refers_elsewhere(subject: Subject) -> Iterator[Hit]:
    """Find texts that only point to another text."""
    for target, field, text in texts_of(subject, (*REPORT[1:], *TOPIC[1:3])):
        if _ELSEWHERE.fullmatch(text):
            yield Hit(target, f"It only points elsewhere: {text!r}", field, {"value": text})


def repeats_title(subject: Subject) -> Iterator[Hit]:
    """Find prose sections and captions that only repeat the title."""
    title = _plain(text_at(subject.case, "Case.Title"))
    for target, field, text in texts_of(subject, _PROSE):
        if title and _plain(text) == title:
            yield Hit(target, "It only repeats the title", field, {"value": text})


def bare_caption(subject: Subject) -> Iterator[Hit]:
    """Find captions that name the picture by its technique, and nothing that it shows."""
    for image in subject.images:
        text = text_at(image, CAPTION)
        words = [word.lower() for word in _WORD.findall(text)]
        if words and not says_nothing(text) and all(word in _TECHNIQUE for word in words):
            yield Hit(image["_id"], f"It says only {text!r}", CAPTION, {"value": text})


def says_nothing(text: str) -> bool:
    """Tell whether a text says that there is none: N/A, not provided, unknown."""
    if not _WORD.search(text):
        return False  # signs alone: tiny
    plain = text.rstrip(" .!").replace(" / ", "/")
    return meant(plain) is None or _NOT_GIVEN.fullmatch(text) is not None


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


_EVERYWHERE = "report, topic, Caption"
TEXT_RULES: tuple[Rule, ...] = (
    Rule(
        "placeholder-text", 1, "review", _EVERYWHERE,
        "A model would learn the form's words as a description of the picture.", placeholder_text,
    ),
    Rule(
        "form-text", 1, "note", "report",
        "The prompt of the entry form is not the author's text.", form_text,
    ),
    Rule(
        "section-absent", 1, "note", "report, topic",
        "A user has to know which parts of a report are there.", section_absent,
    ),
    Rule(
        "section-not-available", 1, "note", "report, topic",
        "Text that stands for no text is to be treated as missing.", section_not_available,
    ),
    Rule(
        "caption-missing", 1, "note", "Caption",
        "A picture without a caption is no sample of picture and text.", caption_missing,
    ),
    Rule(
        "tiny-text", 1, "note", _EVERYWHERE,
        "A text of one sign describes nothing.", tiny_text,
    ),
    Rule(
        "refers-elsewhere", 1, "note", _EVERYWHERE,
        "A text that points to another says nothing by itself.", refers_elsewhere,
    ),
    Rule(
        "repeats-title", 1, "note", "report, topic, Caption",
        "A text that is the title again gives the diagnosis away and describes nothing.",
        repeats_title,
    ),
    Rule(
        "bare-caption", 1, "note", "Caption",
        "The name of a technique says nothing of what the picture shows.", bare_caption,
    ),
)  # fmt: skip
"""Every rule over texts."""
