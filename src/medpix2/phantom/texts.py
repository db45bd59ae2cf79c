"""Report texts from our own templates, with slots for words that fit the case.

A template's slots: {d} disease, {s} site, {k} kind of lesion, {t} technical term, {e} surname,
{g} drug, {n} small number, {p} per cent, {y} year, {a} age, {w} man or woman, {h} he or she,
{x} symptom, {u} unit of time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from medpix2.phantom import words

_SLOT = re.compile(r"\{(\w)\}")


class Template(NamedTuple):
    """A sentence as a %-format and the names of its slots."""

    form: str
    slots: str


def _parse(*sentences: str) -> tuple[Template, ...]:
    return tuple(
        Template(_SLOT.sub("%s", text.replace("%", "%%")), "".join(_SLOT.findall(text)))
        for text in sentences
    )


HISTORY = _parse(
    "{a}-year-old {w} with {n} {u} of {x}.",
    "{a}-year-old {w} presents with {x} for {n} {u}.",
    "This {a}-year-old {w} came to the clinic because of {x} that began {n} {u} ago.",
    "{a} year old {w} who noticed {x} after a fall {n} {u} ago.",
    "The patient is a {a}-year-old {w} with {x} and a history of {t}.",
)
HISTORY_MORE = _parse(
    "There was no fever and no loss of weight.",
    "{h} had been treated with {g} without relief.",
    "An earlier examination {n} {u} before was read as normal.",
    "{h} also reported {x}.",
    "Family history is remarkable for {t} in one parent.",
    "{h} takes {g} and {g} daily.",
)
EXAM = _parse(
    "Vital signs are normal. Tenderness over the {s}.",
    "Alert and oriented. No focal deficit apart from {x}.",
    "Laboratory: white cells {n}.{n}, haemoglobin {n}.{n}; {t} marker raised to {p}.",
    "General examination without findings. The {e} sign is positive.",
    "Blood pressure and pulse normal; {x} could be reproduced on examination.",
    "The {s} is firm to the touch; no skin changes were seen.",
)
DISCUSSION = _parse(
    "{d} is an uncommon disorder of the {s} that was first set apart by {e} in {y}.",
    "About {p} percent of patients are older than {p} years when the diagnosis is made.",
    "Most patients present with {x}, and {p}% also have {t} changes of the {s}.",
    "On microscopy the tissue is {t} with {t} foci, while {t} cells are scarce.",
    "{e} and {e} followed {p} patients for {n} years and saw {t} in {p} of them.",
    "Treatment with {g} shortens the course, whereas {g} has shown no benefit.",
    "The differential diagnosis includes {t}, {t} and the {e} variant.",
    "A {t} pattern in a young patient should raise the question of {e} disease.",
    "Imaging shows a {k} in the {s}; {t} borders speak for a slow course.",
    "On MR the signal depends on the {t} content, and contrast medium helps to find {t} parts.",
    "CT shows calcium in {p}% and is preferred where {t} of bone is in question.",
    "Surgery is reserved for those with {x} or with progressive {t}.",
    "Recurrence is seen in {p}% within {n} years, most often along the {t} margin.",
    "The cause is unknown; a {t} mechanism with raised {t} has been proposed by {e}.",
    "Prognosis is good when the {t} part is removed completely.",
    "Patients with {t} tend to be younger and respond better to {g}.",
    "Men and women are affected alike, although the {t} form prefers one side of the {s}.",
    "Complications are {t}, {t} and, in {p}% of cases, {x}.",
    "The {e} grading counts {t} and {t} and has {n} steps.",
    "Follow-up after {n} {u} is advised because {t} may be late to appear.",
    "A biopsy gives the answer when {t} and {t} cannot be told apart on pictures.",
    "{e} reported a familial form with {t}, {t} and {t}.",
)
TREATMENT = _parse(
    "The patient was treated with {g} and was well after {n} {u}.",
    "Surgical removal followed by {g} for {n} {u}.",
    "Observation; the next examination is planned in {n} {u}.",
    "Referred to the {e} clinic. {g} was started.",
)
BY = _parse(
    "Biopsy", "Surgery", "Imaging and follow-up over {n} {u}", "Histology: {t}", "Clinical course"
)
REFERENCE = _parse(
    "{e} A, {e} B. Imaging of {t}. Example J Radiol {y};{p}:{p}-{p}9.",
    "{e} C et al. {t} of the {s}. Phantom Imaging {y};{n}:{p}.",
    "{e} D. Textbook of {t}. Sample Press, {y}.",
)
DIFFERENTIAL = _parse("{d}", "{e} {k}", "{t}", "{e} disease", "{t} {k}")

_SYMPTOMS = {
    "Head": ("headache", "dizziness", "blurred vision", "seizures", "numbness of one arm",
        "vomiting", "neck swelling", "hearing loss"),
    "Thorax": ("cough", "shortness of breath", "chest pain", "wheezing", "palpitations",
        "hoarseness", "blood in the sputum"),
    "Abdomen": ("abdominal pain", "nausea", "jaundice", "loss of appetite", "diarrhoea",
        "a palpable mass", "bloating"),
    "Reproductive and Urinary System": ("blood in the urine", "flank pain", "pelvic pain",
        "frequent urination", "difficulty voiding", "lower abdominal pain"),
    "Spine and Muscles": ("back pain", "knee pain", "swelling of the leg", "weakness of the legs",
        "a limp", "stiffness", "pain at night"),
}  # fmt: skip
_UNITS = ("days", "weeks", "months", "years")


class Voice:
    """Fills templates for one case.

    Parameters
    ----------
    r
        Random numbers of the case.
    case
        Fixed words: d disease, s site, k kind, a age, w man or woman, h he or she.
    category
        Location category; it chooses the symptoms.
    """

    def __init__(self, r: Random, case: dict[str, str], category: str) -> None:
        draw = r.random
        terms, drugs, symptoms = words.terms(), words.drugs(), _SYMPTOMS[category]
        self.draw = draw
        self.fill: dict[str, Callable[[], str]] = {
            "t": lambda: terms[int((len(terms) + 1) ** draw()) - 1],
            "g": lambda: drugs[int((len(drugs) + 1) ** draw()) - 1],
            "e": lambda: words.eponym(int(12_000 ** draw())),
            "n": lambda: str(2 + int(draw() * 8)),
            "p": lambda: str(5 + int(draw() * 90)),
            "y": lambda: str(1931 + int(draw() * 75)),
            "x": lambda: symptoms[int(draw() * len(symptoms))],
            "u": lambda: _UNITS[int(draw() * 4)],
            **{slot: (lambda word=word: word) for slot, word in case.items()},  # type: ignore[misc]
        }

    def say(self, template: Template) -> str:
        """Return one sentence."""
        fill = self.fill
        sentence = template.form % tuple([fill[slot]() for slot in template.slots])
        return sentence[0].upper() + sentence[1:]

    def one(self, templates: tuple[Template, ...]) -> str:
        """Return one sentence of a choice."""
        return self.say(templates[int(self.draw() * len(templates))])

    def some(self, templates: tuple[Template, ...], count: int, glue: str = " ") -> str:
        """Return several sentences; a template comes again only when all have been used."""
        start, total = int(self.draw() * len(templates)), len(templates)
        # 5 is coprime to the 22 sentences of the longest list, so that all get their turn.
        return glue.join([self.say(templates[(start + 5 * i) % total]) for i in range(count)])


def keywords(voice: Voice, parts: list[str]) -> list[str]:
    """Return one to three key words."""
    every: list[Any] = [*parts, voice.fill["t"]().capitalize()]
    return every[: 1 + int(voice.draw() * 3)]
