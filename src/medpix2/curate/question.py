"""Read what a searcher types: words, "phrases", -without and field:word, widened by spellings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from medpix2.curate.fields import (
    AGE,
    FACET_FIELDS,
    TEXT_FIELDS,
    Labelled,
    Within,
    ages_of,
    is_field,
    label_of,
)
from medpix2.curate.spellings import Widened, terms_of, widen
from medpix2.errors import QueryError

MAX_LENGTH = 500  # characters
_PART = re.compile(r'(-?)(?:([A-Za-z_]{2,}):(?=["\w-]))?(?:"([^"]*)"|(\S+))')

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
    within
        Terms that must occur in one field, or must not.
    labels
        Values that facets must have, or must not.
    ages
        Ranges of ages in years, both ends included; None leaves a side open.
    """

    groups: tuple[Widened, ...] = ()
    without: tuple[str, ...] = ()
    within: tuple[Within, ...] = ()
    labels: tuple[Labelled, ...] = ()
    ages: tuple[tuple[int | None, int | None], ...] = ()

    @property
    def has_text(self) -> bool:
        """Whether there is a word to look for."""
        return bool(self.groups) or any(not part.without for part in self.within)

    @property
    def widened(self) -> list[str]:
        """How the question was widened, in words: 'tumour = tumor'."""
        terms = [*self.groups, *(part.term for part in self.within if not part.without)]
        return [str(term) for term in terms if term.also]


@dataclass
class _Read:
    """What was read so far."""

    words: list[str] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    within: list[tuple[str, str, bool, bool]] = field(default_factory=list)
    labels: list[Labelled] = field(default_factory=list)
    ages: list[tuple[int | None, int | None]] = field(default_factory=list)

    def add_plain(self, text: str, *, quoted: bool, minus: bool) -> None:
        """Note a word or a phrase of any field."""
        kept = self.without if minus else self.phrases if quoted else self.words
        kept += _cleaned(text)

    def add_field(self, name: str, text: str, *, quoted: bool, minus: bool) -> None:
        """Note what a field is asked for."""
        if name == AGE:
            if minus:
                raise QueryError("An age cannot be left out", "ask for the ages that you want")
            self.ages.append(ages_of(text))
        elif name in FACET_FIELDS:
            self.labels.append(label_of(name, text.replace("\0", " ").strip(), without=minus))
        elif quoted or text.lower() not in STOP_WORDS:
            self.within += [(TEXT_FIELDS[name], t, quoted, minus) for t in _cleaned(text)]


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
    read = _Read()
    for minus, name, phrase, word in _PART.findall(text):
        quoted = not word
        if name and is_field(name.lower()):
            read.add_field(name.lower(), word or phrase, quoted=quoted, minus=bool(minus))
        else:
            plain = f"{name}:{word or phrase}" if name else word or phrase
            read.add_plain(plain, quoted=quoted, minus=bool(minus))
    words = [word for word in read.words if word.lower() not in STOP_WORDS]
    groups = [widen(term) if widening else Widened(term, ()) for term in terms_of(words)]
    groups += [Widened(phrase, ()) for phrase in read.phrases]
    within = [
        Within(field, widen(t) if widening and not quoted else Widened(t, ()), minus)
        for field, t, quoted, minus in read.within
    ]
    without = read.without
    if widening:
        without = [spelling for term in without for spelling in widen(term).all]
    labels, ages = tuple(read.labels), tuple(read.ages)
    question = Question(tuple(groups), tuple(without), tuple(within), labels, ages)
    _check(question, text)
    return question


def _check(question: Question, text: str) -> None:
    if (question.without or question.within) and not question.has_text:
        raise QueryError(
            "The text says only what must not occur", "add a word or a phrase that must"
        )
    if text.strip() and not (question.has_text or question.labels or question.ages):
        raise QueryError(
            "The text has no word to look for", "leave it out, or add a less common word"
        )


def _cleaned(term: str) -> list[str]:
    """Return the term without marks around it, or nothing if only marks are left."""
    term = term.encode("utf-8", "replace").decode()  # a terminal may give what is no valid text
    term = " ".join(term.replace("\0", " ").split()).strip("\"'.,;:!?()[]{}*&|")
    return [term] if any(letter.isalnum() for letter in term) else []
