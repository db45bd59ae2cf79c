"""The side of the body that a caption names, against the side that the report names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from medpix2.curate.rule import Hit, Rule, Subject
from medpix2.curate.texts import CAPTION, excerpt, text_at

Side = Literal["left", "right"]

# Paired parts of the body, as the words that name them. A part is compared with itself only.
PARTS: Mapping[str, str] = {
    "kidney": "kidneys? renal nephr\\w+ hydroneph\\w+ perinephric",
    "ureter": "ureters? ureteral ureteric uvj",
    "adrenal": "adrenals? suprarenal",
    "ovary": "ovary ovaries ovarian adnexa\\w* fallopian",
    "testis": "testis testes testic\\w+ scrot\\w+ hemiscrotum spermatic",
    "lung": "lungs? pulmonary hemithora\\w+ pneumothorax bronch\\w+ mainstem hil\\w+ lobectomy",
    "upper lobe": "upper\\slobes?",
    "lower lobe": "lower\\slobes?",
    "pleura": "pleura\\w* effusions?",
    "diaphragm": "diaphragm\\w* hemidiaphragm\\w*",
    "breast": "breasts? mammary",
    "frontal": "front\\w+ frontoparietal",
    "temporal": "temporal temporoparietal",
    "parietal": "parietal",
    "occipital": "occipital",
    "cerebellum": "cerebell\\w+",
    "hemisphere": "hemispheres? cerebral\\shemisphere",
    "basal ganglia": "basal\\sganglia caudate putamen thalam\\w+ globus lentiform",
    "orbit": "orbits? orbital eyes? globes? optic retro-?orbital intraorbital lacrimal",
    "sinus": "maxilla\\w* sphenoid ethmoid\\w* antrum",
    "jaw": "mandib\\w+ jaw tmj",
    "ear": "ears? mastoid\\w* cochlea\\w* tympanic petrous vestibular internal\\sauditory",
    "parotid": "parotids?",
    "thyroid": "thyroid",
    "neck": "neck carotids? jugular",
    "shoulder": "shoulders? glenoid glenohumeral rotator supraspinatus acromi\\w+ clavic\\w+"
    " scapula\\w*",
    "arm": "humer\\w+ arms? elbows? forearms? radius ulna\\w*",
    "hand": "wrists? hands? scaphoid thumbs? fingers?",
    "hip": "hips? femoral\\sheads? femoral\\snecks? acetabul\\w+ acetabulum",
    "thigh": "thighs? femurs? distal\\sfemur quadriceps",
    "knee": "knees? patella\\w* menisc\\w+ acl femoral\\scondyle\\w*",
    "leg": "tibias? tibial fibulas? fibular calf legs?",
    "foot": "foot feet ankles? heels? achilles calcane\\w+ talus talar metatarsals?",
    "iliac": "iliac iliopsoas psoas sacroiliac ilium",
    "liver lobe": "hepatic\\slobes? lobes?\\sof\\sthe\\sliver",
    "colon": "colon hemicolon",
    "axilla": "axilla\\w*",
    "groin": "groin inguinal",
    "atrium": "atri\\w+",
}
_PART = re.compile(
    "|".join(
        f"(?P<p{number}>{'|'.join(words.split())})" for number, words in enumerate(PARTS.values())
    ),
    re.I,
)
_NAMES = tuple(PARTS)
_SIDE = re.compile(
    r"(?<!to the )(?<!on the )\b(?P<side>left|right|(?<![\w/.])[LR](?=\s[a-z]))\b(?:-?\s?sided)?",
    re.I,
)
_BOTH = re.compile(
    r"\b(?:bilateral\w*|both|right and left|left and right|right (?:greater|more) than"
    r"|left (?:greater|more) than|contralateral|opposite|either|respectively|midline|crosses"
    r"|crossing)\b|[RL]\s?>\s?[RL]",
    re.I,
)
# Clauses that tell of the healthy side, of spread to the other, or of a part that is missing.
_ASIDE = re.compile(
    r"\b(?:normal\w*|unremarkable|intact|unaffected|spared|compared|comparison"
    r"|extend\w*|extension|spread\w*|invad\w+|into|across|toward\w*|cross\w*|shift\w*|no|not"
    r"|without|other)\b",
    re.I,
)
_CLAUSE = re.compile(r"[.;:\n]")
_STEPS = 4  # words between a side and its part
# Words after a side that say no part: "left lateral aspect", "right upper quadrant".
_VAGUE = re.compile(
    r"^(?:sided?|lateral|medial|upper|lower|middle|mid|anterior|posterior|superior|inferior|more|most"
    r"|than|greater|aspect|hand|in|with|is|was|are|has|have|the|of|to|on|at|by|for|from|that|which"
    r"|shows?|image|arrow|panel|view|or|side|ventricular|ventricle|main|lobe|large|small|lesion|mass"
    r"|\d.*)$",
    re.I,
)
_END = re.compile(r"[.;:,()\n]|\band\b|\bleft\b|\bright\b", re.I)


@dataclass(frozen=True)
class Sided:
    """A side that a text names of a part of the body, and the words."""

    side: Side
    part: str
    words: str


@lru_cache(maxsize=4096)
def sides_in(text: str) -> tuple[Sided, ...]:
    """Return the sides of the parts of the body that a text names.

    >>> [(said.side, said.part) for said in sides_in("A cyst of the left kidney.")]
    [('left', 'kidney')]
    """
    return tuple(_sides(text))


def _sides(text: str) -> Iterator[Sided]:
    for matched in _SIDE.finditer(text):
        rest = text[matched.end() :]
        if _ASIDE.search(_clause(text, matched)):
            continue
        if stop := _END.search(rest):
            rest = rest[: stop.start()]
        words = re.findall(r"[\w-]+", rest)[: _STEPS + 1]
        found = None
        for at, word in enumerate(words):
            pair = " ".join(words[at : at + 2])
            if part := (_part(pair) or _part(word)):
                found = part
                break
        if found is None and len(words) > 1 and not _VAGUE.search(words[0]):
            found = " ".join(words[:2]).lower()
        if found:
            side: Side = "left" if matched["side"].lower() in ("left", "l") else "right"
            yield Sided(side, found, excerpt(text, matched.start(), matched.end(), 30))


def _clause(text: str, matched: re.Match[str]) -> str:
    start = max((end.end() for end in _CLAUSE.finditer(text, 0, matched.start())), default=0)
    stop = _CLAUSE.search(text, matched.end())
    return text[start : stop.start() if stop else len(text)]


@lru_cache(maxsize=4096)
def _part(word: str) -> str | None:
    matched = _PART.fullmatch(word)
    return _NAMES[int(matched.lastgroup[1:])] if matched and matched.lastgroup else None


# The report's texts that say where the finding is, the surest first.
_REPORT = ("Case.Title", "Case.Case Diagnosis", "Case.Findings")


def side_against_report(subject: Subject) -> Iterator[Hit]:
    """Find captions that name one side of a part of which the report names the other side only.

    Where the report names no side of it, most of the other captions stand in.
    """
    report = {field: text_at(subject.case, field) for field in _REPORT}
    if any(_BOTH.search(text) for text in report.values()):
        return
    said = {field: sides_in(text) for field, text in report.items()}
    captions = {image["_id"]: text_at(image, CAPTION) for image in subject.images}
    sided = {target: sides_in(text) for target, text in captions.items() if not _BOTH.search(text)}
    for target, mine in sided.items():
        for one in _only(mine).values():
            where, against = _contradiction(one, said)
            if where is None:
                others = (row for name, row in sided.items() if name != target)
                where, against = _outvoted(one, others)
            if against is not None:
                yield Hit(
                    target, f"The caption says {one.side} {one.part}, {where} the other side",
                    CAPTION,
                    {"words": one.words, "against": against.words, "where": where,
                     "part": one.part},
                )  # fmt: skip
                break


def _contradiction(
    one: Sided, said: Mapping[str, tuple[Sided, ...]]
) -> tuple[str | None, Sided | None]:
    """Return the first text that names the part, and what it says if all name the other side."""
    theirs = [(field, other) for field, row in said.items() for other in row]
    theirs = [(field, other) for field, other in theirs if other.part == one.part]
    if not theirs:
        return None, None
    where, other = theirs[0]
    return where, None if any(found.side == one.side for _, found in theirs) else other


def _outvoted(one: Sided, captions: Iterable[tuple[Sided, ...]]) -> tuple[str | None, Sided | None]:
    same, against = 1, []
    for row in captions:
        found = [other for other in row if other.part == one.part]
        if any(other.side == one.side for other in found):
            same += 1
        elif found:
            against.append(found[0])
    return ("other captions", against[0]) if len(against) > same else (None, None)


def _only(said: tuple[Sided, ...]) -> dict[str, Sided]:
    """Return what names one side of a part alone."""
    parts: dict[str, set[Side]] = {}
    for one in said:
        parts.setdefault(one.part, set()).add(one.side)
    return {one.part: one for one in said if len(parts[one.part]) == 1}


LATERALITY_RULES: tuple[Rule, ...] = (
    Rule(
        "side-against-report", 1, "review", "Caption, Title, Case Diagnosis, Findings",
        "A model would learn the wrong side of the body.", side_against_report,
    ),
)  # fmt: skip
"""Every rule over sides of the body."""
