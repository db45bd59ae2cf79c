"""Read what a searcher types: words, "phrases" and -without, and widen it by medical spellings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from medpix2.curate.spellings import Widened, terms_of, widen
from medpix2.errors import QueryError

MAX_LENGTH = 500  # characters
_PART = re.compile(r'(-?)"([^"]*)"|(\S+)')

# The words that MongoDB's text index leaves out of English. Nearly every case has them: they ask
# for something in phrases only.
STOP_WORDS = frozenset(
    (
        "a about above after again against all am an and any are aren't as at be because been "
        "before being below between both but by can't cannot could couldn't did didn't do does "
        "doesn't doing don't down during each few for from further had hadn't has hasn't have "
        "haven't having he he'd he'll he's her here here's hers herself him himself his how how's "
        "i i'd i'll i'm i've if in into is isn't it it's its itself let's me more most mustn't my "
        "myself no nor not of off on once only or other ought our ours ourselves out over own same "
        "shan't she she'd she'll she's should shouldn't so some such than that that's the their "
        "theirs them themselves then there there's these they they'd they'll they're they've this "
        "those through to too under until up very was wasn't we we'd we'll we're we've were "
        "weren't what what's when when's where where's which while who who's whom why why's with "
        "won't would wouldn't you you'd you'll you're you've your yours yourself yourselves"
    ).split()
)


@dataclass(frozen=True)
class Question:
    """A full-text question.

    Attributes
    ----------
    groups
        All must occur; in each, any of its terms.
    without
        Terms that must not occur, in all their spellings.
    """

    groups: tuple[Widened, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def widened(self) -> list[str]:
        """How the question was widened, in words: 'tumour = tumor'."""
        return [str(group) for group in self.groups if group.also]


def read_question(text: str, *, widening: bool = True) -> Question:
    """Read a full-text question.

    >>> read_question('tumour "left lung" -child').widened
    ['tumour = tumor']

    Raises
    ------
    QueryError
        It is too long, has no word to look for, or says only what must not occur.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(
            f"The text to search for has {len(text)} characters", f"use at most {MAX_LENGTH}"
        )
    words: list[str] = []
    phrases: list[str] = []
    without: list[str] = []
    for minus, phrase, word in _PART.findall(text):
        if word.startswith("-") and len(word) > 1:
            without += _cleaned(word[1:])
        elif word:
            words += _cleaned(word)
        elif minus:
            without += _cleaned(phrase)
        else:
            phrases += _cleaned(phrase)
    words = [word for word in words if word.lower() not in STOP_WORDS]
    groups = [widen(term) if widening else Widened(term, ()) for term in terms_of(words)]
    groups += [Widened(phrase, ()) for phrase in phrases]
    if without and not groups:
        raise QueryError(
            "The text says only what must not occur", "add a word or a phrase that must"
        )
    if text.strip() and not groups:
        raise QueryError(
            "The text has no word to look for", "leave it out, or add a less common word"
        )
    if widening:
        without = [spelling for term in without for spelling in widen(term).all]
    return Question(tuple(groups), tuple(without))


def _cleaned(term: str) -> list[str]:
    """Return the term without marks around it, or nothing if only marks are left."""
    term = term.encode("utf-8", "replace").decode()  # a terminal may give what is no valid text
    term = " ".join(term.replace("\0", " ").split()).strip("\"'.,;:!?()[]{}*&|")
    return [term] if any(letter.isalnum() for letter in term) else []
