"""The rule over key words, which needs the words of the whole collection."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from medpix2.curate.rule import Hit, SetRule, Subject
from medpix2.curate.texts import REPORT, TOPIC, text_at, texts_of
from medpix2.records import meant

_FIELD = "Topic.Keywords"
_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST, _CASES = 4, 2  # letters of a part; cases that use it as a word
_LONG = 6  # letters of a part for which one case is enough
# Parts that begin many words and stand alone too, before a hyphen.
_PREFIXES = frozenset(
    (
        "retro pneumo peri para hemi hyper hypo post anti intra inter infra supra trans ultra "
        "neuro cardio hemo lipo osteo chondro angio lympho micro macro multi pseudo musculo fibro "
        "adeno myelo cranio cerebro hydro poly"
    ).split()
)
# A seam shows where the case changes: "HamartomaPopcorn", "AVFcatheter", "V/QPulmonary", "I.neuro".
_SEAM = re.compile(
    r"(?<=[a-z)])(?<!\bMc)(?<!\bMac)(?<!\bDe)(?<!\bDi)(?<!\bLe)(?<!\bvon)(?<!\bVon)"
    r"(?=[A-Z][A-Za-z]{2}|[A-Z]{2})"
    r"|(?<=\b[A-Z]/[A-Z])(?=[A-Z][a-z]{2})"
    r"|(?<=[\w)][.)])(?=[a-z]{3})"
)
_CAPITALS = re.compile(r"[A-Z]{3,}(?=(?P<rest>[a-rt-z][a-z]{2,}))")


def parted(text: str, words: Counter[str]) -> list[str]:
    """Part key words at visible seams, and where a word is none but several of `words` in a row.

    Parameters
    ----------
    text
        The key words as published.
    words
        Words of the collection in lower case, with the number of cases that use each.

    Returns
    -------
    list of str
        One part where nothing was joined.

    Examples
    --------
    >>> parted("pancreascyst", Counter({"pancreas": 9, "cyst": 9}))
    ['pancreas', 'cyst']
    """
    seams = {matched.start() for matched in _SEAM.finditer(text)}
    for matched in _CAPITALS.finditer(text):
        # "FMDRenal" parts before the R, "AVFcatheter" after the F.
        own = words[text[matched.end() - 1 : matched.end("rest")].lower()]
        seams.add(matched.end() - 1 if own else matched.end())
    for matched in _WORD.finditer(text):
        word = matched[0].lower()
        if words[word] == 0:
            seams |= {matched.start() + at for at in _within(word, words)}
    places = [0, *sorted(seams), len(text)]
    parts = (text[start:end].strip() for start, end in pairwise(places))
    return [part for part in parts if part]


def _within(word: str, words: Counter[str]) -> list[int]:
    """Return where a word parts into the fewest known words, or nothing if it does not."""
    best: list[list[int] | None] = [[]] + [None] * len(word)
    for end in range(_SHORTEST, len(word) + 1):
        for start in range(end - _SHORTEST + 1):
            before, part = best[start], word[start:end]
            known = words[part] >= (1 if end - start >= _LONG else _CASES)
            known = known and part not in _PREFIXES
            if before is not None and known and end - start < len(word):
                found, present = [*before, start], best[end]
                if present is None or len(found) < len(present):
                    best[end] = found
    return [at for at in best[-1] or [] if at]


class _Keywords:
    """The words of all cases, and the key words of each."""

    def __init__(self) -> None:
        self._words: Counter[str] = Counter()
        self._texts: list[tuple[str, str]] = []

    def add(self, subject: Subject) -> None:
        """See one case."""
        texts = texts_of(subject, (*REPORT, *TOPIC[:2]), ())
        self._words.update({word.lower() for one in texts for word in _WORD.findall(one.text)})
        if text := meant(text_at(subject.case, _FIELD)):
            self._texts.append((subject.id, text))

    def hits(self) -> Iterator[Hit]:
        """Return the key words that were joined without a separator."""
        for case, text in self._texts:
            parts = parted(text, self._words)
            if len(parts) > 1:
                evidence = {"value": text, "parts": parts}
                message = "Key words are joined without a separator"
                yield Hit(case, message, _FIELD, evidence, case)


KEYWORD_RULES: tuple[SetRule, ...] = (
    SetRule(
        "joined-keywords", 1, "note", "Keywords; report and topic of all cases",
        "Joined key words match no search for one of them.", _Keywords,
    ),
)  # fmt: skip
"""Every rule over key words."""
