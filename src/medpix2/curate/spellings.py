"""A little medicine for the search: spellings, abbreviations and synonyms that widen a query."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# Each row is a set of terms that a searcher means alike. A term of several words is a phrase.
SYNONYMS: tuple[tuple[str, ...], ...] = (
    ("mri", "mr", "magnetic resonance"),
    ("ct", "cat scan", "computed tomography"),
    ("cta", "ct angiography"),
    ("mra", "mr angiography"),
    ("dwi", "diffusion weighted"),
    ("adc", "apparent diffusion coefficient"),
    ("flair", "fluid attenuated inversion recovery"),
    ("gre", "gradient echo"),
    ("swi", "susceptibility weighted"),
    ("mrcp", "magnetic resonance cholangiopancreatography"),
    ("hrct", "high resolution ct"),
    ("avm", "arteriovenous malformation"),
    ("dva", "developmental venous anomaly"),
    ("pe", "pulmonary embolism", "pulmonary embolus"),
    ("dvt", "deep venous thrombosis", "deep vein thrombosis"),
    ("mi", "myocardial infarction", "heart attack"),
    ("stroke", "cva", "cerebral infarction", "cerebrovascular accident"),
    ("sah", "subarachnoid hemorrhage", "subarachnoid haemorrhage"),
    ("sdh", "subdural hematoma", "subdural haematoma"),
    ("edh", "epidural hematoma", "extradural haematoma"),
    ("ich", "intracranial hemorrhage", "intracerebral hemorrhage"),
    ("tbi", "traumatic brain injury"),
    ("ms", "multiple sclerosis"),
    ("nf1", "neurofibromatosis type 1", "von recklinghausen"),
    ("gbm", "glioblastoma"),
    ("rcc", "renal cell carcinoma"),
    ("hcc", "hepatocellular carcinoma", "hepatoma"),
    ("gist", "gastrointestinal stromal tumor"),
    ("aml", "angiomyolipoma"),
    ("aaa", "abdominal aortic aneurysm"),
    ("sbo", "small bowel obstruction"),
    ("tb", "tuberculosis"),
    ("copd", "chronic obstructive pulmonary disease", "emphysema"),
    ("acl", "anterior cruciate ligament"),
    ("pcl", "posterior cruciate ligament"),
    ("avn", "avascular necrosis", "osteonecrosis"),
    ("kidney", "renal"),
    ("liver", "hepatic"),
    ("lung", "pulmonary"),
    ("heart", "cardiac"),
    ("brain", "cerebral"),
    ("stomach", "gastric"),
    ("gallstone", "cholelithiasis"),
    ("kidney stone", "nephrolithiasis", "renal calculus"),
    ("cancer", "carcinoma"),
    ("metastasis", "metastases", "metastatic"),
    ("diverticulum", "diverticula"),
    ("vertebra", "vertebrae"),
    ("sign", "radiologic sign"),
)

# British -> American part of a word; a word with either is widened to both.
SPELLINGS: tuple[tuple[str, str], ...] = (
    ("tumour", "tumor"),
    ("haem", "hem"),
    ("aemia", "emia"),
    ("oedema", "edema"),
    ("oesoph", "esoph"),
    ("orrhoea", "orrhea"),
    ("foetal", "fetal"),
    ("foetus", "fetus"),
    ("paed", "ped"),
    ("orthopaed", "orthoped"),
    ("caecum", "cecum"),
    ("caecal", "cecal"),
    ("leuk", "leuc"),
    ("anaesth", "anesth"),
    ("gynaec", "gynec"),
    ("ischaem", "ischem"),
    ("aetiolog", "etiolog"),
    ("faec", "fec"),
    ("grey", "gray"),
    ("centre", "center"),
    ("fibre", "fiber"),
    ("litre", "liter"),
    ("colour", "color"),
    ("sulph", "sulf"),
    ("coeliac", "celiac"),
    ("manoeuvre", "maneuver"),
)

# American parts that begin a British spelling only in some words: widened only for these.
_CAREFUL = {
    "hem": re.compile(r"hem(?!i)"),
    "ped": re.compile(r"\bped(?:ia|es)|orthoped"),
    "fec": re.compile(r"\bfec"),
}


@dataclass(frozen=True)
class Widened:
    """A term of a query and the terms that stand beside it."""

    term: str
    also: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """The term and its companions."""
        return (self.term, *self.also)

    def __str__(self) -> str:
        return f"{self.term} = {', '.join(self.also)}" if self.also else self.term


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for row in SYNONYMS:
        for term in row:
            table[term] = tuple(dict.fromkeys((*table.get(term, ()), *row)))
    return table


def widen(term: str) -> Widened:
    """Return a term with its other spellings, abbreviations and synonyms.

    >>> widen("tumour").also
    ('tumor',)
    """
    lowered = " ".join(term.lower().split())
    also = [other for other in _table().get(lowered, ()) if other != lowered]
    for known in (lowered, *also):
        also += [other for other in _respelled(known) if other != lowered]
    return Widened(term, tuple(dict.fromkeys(also)))


def terms_of(words: Sequence[str]) -> list[str]:
    """Join neighbouring words that stand in the table as one term ('renal cell carcinoma')."""
    longest = max(len(term.split()) for term in _table())
    terms, at = [], 0
    while at < len(words):
        for size in range(min(longest, len(words) - at), 0, -1):
            term = " ".join(words[at : at + size])
            if size == 1 or term.lower() in _table():
                terms.append(term)
                at += size
                break
    return terms


def _respelled(term: str) -> list[str]:
    found = []
    for british, american in SPELLINGS:
        if british in term:
            found.append(term.replace(british, american))
        elif american in term and (american not in _CAREFUL or _CAREFUL[american].search(term)):
            found.append(term.replace(american, british))
    return found
