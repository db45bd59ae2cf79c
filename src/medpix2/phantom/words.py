"""Invented words and names: none of them stands for a real person, drug or paper."""

from __future__ import annotations

from functools import cache
from random import Random

_ONSETS = ("Bar", "Cal", "Dor", "Fen", "Gal", "Hul", "Jan", "Kel", "Lom", "Mar", "Nor", "Orv",
    "Pel",
           "Quil", "Ros", "Sal", "Tor", "Ulv", "Var", "Wen", "Yar", "Zol", "Bri", "Cro", "Dra",
               "Fro",
           "Gri", "Kra", "Pli", "Sto")  # fmt: skip
_MIDDLES = ("a", "e", "i", "o", "u", "am", "an", "ar", "el", "en", "er", "il", "in", "ol", "on",
    "or",
            "um", "un", "ast", "ent")  # fmt: skip
_CODAS = ("berg", "by", "dal", "feld", "gard", "holt", "ini", "ko", "lund", "mann", "nik", "ovic",
          "quist", "rup", "sen", "stad", "ton", "vall", "wick", "zky")  # fmt: skip
_ROOTS = ("adeno", "angio", "arthro", "cardio", "chondro", "cyto", "dermo", "entero", "fibro",
    "gastro",
          "glio", "haemo", "hepato", "histo", "kerato", "lipo", "lympho", "myelo", "myo", "nephro",
          "neuro", "osteo", "pachy", "pleuro", "pneumo", "pseudo", "sclero", "spleno", "synovi",
          "thrombo", "vasculo", "xantho")  # fmt: skip
_STEMS = ("bal", "cor", "dem", "fil", "gran", "lam", "mor", "nod", "pap", "ret", "sarc", "tub",
    "vac",
          "zon", "plas", "phag", "trop", "stas", "lyt", "gen")  # fmt: skip
_ENDS = ("oma", "osis", "itis", "ia", "ic", "al", "ous", "oid", "emia", "ectasia", "opathy",
    "plasia",
         "ated", "ation", "aris", "ine", "ular", "ase", "in", "ogram")  # fmt: skip
_DRUGS = ("mab", "nib", "cillin", "prazole", "statin", "olol", "azine", "mycin", "platin", "sartan")
FIRST = ("Alex", "Robin", "Sam", "Kim", "Jo", "Chris", "Pat", "Lee", "Max", "Toni", "Nico",
    "Andrea",
         "Sascha", "Jule", "Noa", "Mika")  # fmt: skip
LAST = ("Example", "Sample", "Placeholder", "Mockman", "Dummyson", "Testerby", "Phantomas",
    "Fakenham",
        "Madeup", "Specimen", "Anybody", "Noone")  # fmt: skip
INSTITUTIONS = ("Example Army Hospital", "Phantom Teaching File", "Sample University",
    "Mock Medical Center",
                "Dummy County Hospital", "Testing Naval Clinic")  # fmt: skip
_TERMS = 12_000


def eponym(number: int) -> str:
    """Return the invented surname of this number; the first 12,000 differ."""
    # A step coprime to the count scatters neighbours over the alphabet.
    total = len(_ONSETS) * len(_MIDDLES) * len(_CODAS)
    turn, place = divmod(number, total)
    place = place * 7_919 % total
    place, coda = divmod(place, len(_CODAS))
    onset, middle = divmod(place, len(_MIDDLES))
    name = _ONSETS[onset] + _MIDDLES[middle] + _CODAS[coda]
    return name if turn == 0 else f"{name}-{eponym(turn - 1)}"


@cache
def terms() -> tuple[str, ...]:
    """Return invented technical terms, the most frequent first."""
    every = [root + stem + end for root in _ROOTS for stem in _STEMS for end in _ENDS]
    return tuple(Random(1).sample(every, _TERMS))


@cache
def drugs() -> tuple[str, ...]:
    """Return invented names of drugs, the most frequent first."""
    every = [
        first.lower() + middle + end
        for first in _ONSETS
        for middle in _MIDDLES[5:]
        for end in _DRUGS
    ]
    return tuple(Random(2).sample(every, 3_000))


def zipf(words: tuple[str, ...], draw: float) -> str:
    """Return the word at rank n with probability about 1/n; `draw` is uniform in [0, 1)."""
    # The logarithm of a rank that follows Zipf's law is uniform.
    return words[int((len(words) + 1) ** draw) - 1]


def person(r: Random) -> str:
    """Return the name of an invented person."""
    return f"{FIRST[int(r.random() * len(FIRST))]} {LAST[int(r.random() * len(LAST))]}"
