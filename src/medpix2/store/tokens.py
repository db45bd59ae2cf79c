"""Part texts into folded words, and give the stems of words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import Stemmer

GAP = "."  # stands for every mark of GAPS: no phrase goes across one that it has not itself
GAPS = '.,;:!?()[]{}"'
LONGEST = 64  # letters of a word that are looked at
_ACCENTS = re.compile("[\u0300-\u036f]+")
_BETWEEN = re.compile(rf"[^\w'{re.escape(GAPS)}]+|_")


def _plain(letter: str) -> str:
    if letter in GAPS:
        return GAP
    return letter if letter.isalnum() or letter == "'" else " "


_ASCII = {number: _plain(chr(number)) for number in range(128)}


def tokens_in(text: str) -> list[str]:
    """Return the tokens of a text in order: words as `word_of` takes them, and gaps.

    Letters are folded: neither their case nor accents count. Everything but letters, digits and
    apostrophes parts words.
    """
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKD", text.replace("\u2019", "'")).casefold()
        text = _BETWEEN.sub(" ", _ACCENTS.sub("", text))
    return text.translate(_ASCII).replace(GAP, " . ").split()


def word_of(token: str) -> str:
    """Return the word of a token, without apostrophes around it and a possessive s; "" if none.

    >>> word_of("crohn's")
    'crohn'
    """
    return token.strip("'.").removesuffix("'s")[:LONGEST]


def words_in(text: str) -> list[str]:
    """Return the words of a text in order; "" is a gap.

    >>> words_in("Left lung: T2-weighted. M\u00e9ni\u00e8re's")
    ['left', 'lung', '', 't2', 'weighted', '', 'meniere']
    """
    return [word_of(token) for token in tokens_in(text)]


def stems_of(words: Iterable[str]) -> list[str]:
    """Return the stem of each word (Snowball's for English)."""
    stems: list[str] = Stemmer.Stemmer("english").stemWords(list(words))
    return stems
