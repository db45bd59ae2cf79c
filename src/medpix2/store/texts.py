"""Full-text search over the texts of cases and the captions of pictures, with relevance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pymongo.database import Database
from pyroaring import BitMap

from medpix2.errors import StoreError
from medpix2.store.facets import FacetIndex, bitmap_of, ordinals_of
from medpix2.store.matching import cases_with
from medpix2.store.postings import SCALE, bucket_of, postings_from
from medpix2.store.tokens import stems_of, words_in
from medpix2.store.words import rows_of_bucket, words_stand

_Scores = npt.NDArray[np.int32]
_Places = npt.NDArray[np.int64]
CAPTION = "Description.Caption"
_PHRASE_ROOM = 17  # bits for a place: phrases of one document cannot reach into another


@dataclass(frozen=True)
class Hits:
    """Where a text was found.

    Attributes
    ----------
    cases
        Relevance by ordinal, of the case that each ordinal belongs to: that of its own texts and
        that of its best caption, summed over the groups; in 1/SCALE, 0 where it was not found.
    images
        Relevance by ordinal of the picture's own caption.
    """

    cases: _Scores
    images: _Scores

    @property
    def of_images(self) -> _Scores:
        """Relevance by ordinal, of a picture with its case."""
        return self.cases + self.images

    @property
    def slots(self) -> BitMap:
        """The ordinals of all pictures of the cases found."""
        return bitmap_of(np.flatnonzero(self.cases))

    @staticmethod
    def relevance(score: int) -> float:
        """Return a score as it is shown: of about 1 for a word in a text of weight 1."""
        return round(int(score) / SCALE, 3)


@dataclass(frozen=True)
class InField:
    """Alternative terms of which one must occur in a field, or none may.

    Attributes
    ----------
    path
        Published field of a case, with a dot, or `Description.Caption` of a picture.
    terms
        Any of them will do.
    without
        Whether none may occur.
    """

    path: str
    terms: Sequence[str]
    without: bool = False


def search_texts(
    db: Database[dict[str, Any]],
    groups: Sequence[Sequence[str]],
    without: Iterable[str] = (),
    within: Iterable[InField] = (),
    *,
    index: FacetIndex,
    images: BitMap,
) -> Hits:
    """Find the cases in which every group of terms occurs, in a text or a caption.

    Parameters
    ----------
    db
        The database.
    groups
        Groups of alternative terms: each group must occur in a case, any of its terms will do, and
        the weightiest counts. A single word is looked for by its stem; several words as a phrase:
        one after the other, as they stand but for an ending of the last one; a mark between words
        must be in the phrase too.
    without
        Terms that must not occur in a case.
    within
        Terms that must occur in one field, or must not.
    index
        Which ordinals belong to which case.
    images
        Ordinals of the pictures whose captions count.

    Raises
    ------
    StoreError
        The postings are not there, or of another version.
    """
    if not words_stand(db):
        raise StoreError(
            f"The texts of database {db.name!r} are not prepared for search by this version",
            "run `medpix2 build` of its source again",
        )
    starts = ordinals_of(index.cases).astype(np.intp)
    size = max((int(bits.max()) + 1 for bits in (index.cases, index.images) if bits), default=0)
    asked = _Asked(db, size)
    shown = np.zeros(size, bool)
    shown[ordinals_of(images)] = True
    cases = np.zeros(len(starts), np.int32)
    captions = np.zeros(size, np.int32)
    fitting = np.ones(len(starts), bool)
    for group in groups:
        of_cases, of_images = asked.group(group, starts, shown)
        fitting &= of_cases > 0
        cases += of_cases
        captions += of_images
    for term in without:
        fitting &= asked.group([term], starts, shown)[0] == 0
    for part in within:  # last: what fits no more need not be read
        of_cases, of_images = asked.in_field(part, starts, shown, fitting)
        fitting &= (of_cases == 0) if part.without else (of_cases > 0)
        if not part.without:
            cases += of_cases
            captions += of_images
    cases[~fitting] = 0
    of_slots = np.zeros(size, np.int32)
    if len(starts):  # the first ordinals may be of a case that has got others
        of_slots[starts[0] :] = np.repeat(cases, np.diff(np.append(starts, size)))
    return Hits(of_slots, captions)


class _Asked:
    """Looks terms up; scores are by document number (see `store.words`)."""

    def __init__(self, db: Database[dict[str, Any]], size: int) -> None:
        self._db = db
        self._size = size

    def group(
        self, terms: Sequence[str], starts: npt.NDArray[np.intp], shown: npt.NDArray[np.bool_]
    ) -> tuple[_Scores, _Scores]:
        """Return the scores of the cases, by rank, and of the captions, by ordinal."""
        scores = np.zeros(2 * self._size, np.int32)
        for term in terms:
            np.maximum(scores, self._term(term), out=scores)
        captions = np.where(shown, scores[1::2], 0)
        best = np.maximum.reduceat(captions, starts) if len(starts) else captions
        return scores[::2][starts] + best, captions

    def in_field(
        self,
        part: InField,
        starts: npt.NDArray[np.intp],
        shown: npt.NDArray[np.bool_],
        among: npt.NDArray[np.bool_],
    ) -> tuple[_Scores, _Scores]:
        """Return the same of terms in one field, for the cases `among`, by rank, at least."""
        of_cases, captions = self.group(part.terms, starts, shown)
        if part.path == CAPTION:
            if not len(starts):
                return captions, captions
            best: _Scores = np.maximum.reduceat(captions, starts)
            return best, captions
        may = starts[among & (of_cases > 0)].tolist()
        have = np.array(cases_with(self._db, part.path, part.terms, may), np.intp)
        of_cases[~np.isin(starts, have)] = 0
        return of_cases, np.zeros_like(captions)

    def _term(self, term: str) -> _Scores:
        words = words_in(term)
        while words and not words[-1]:
            words.pop()
        while words and not words[0]:
            words.pop(0)
        if len(words) == 1:
            return self._weighed(self._forms(words[0], lambda form: True, places=False))
        return self._phrase(words)

    def _weighed(self, forms: Iterable[_Form]) -> _Scores:
        """Add up the weights of forms of a word."""
        scores = np.zeros(2 * self._size, np.int32)
        for form in forms:
            scores[form.docs] += form.weights
        return scores

    def _phrase(self, words: Sequence[str]) -> _Scores:
        """Find words in a row; a phrase weighs as the least weighty of its words does."""
        scores = np.zeros(2 * self._size, np.int32)
        found: _Places | None = None
        weights = []
        for at, word in enumerate(words):
            if not word:
                continue
            last = at == len(words) - 1
            fits = word.__eq__ if not last else lambda form, word=word: form.startswith(word)
            forms = list(self._forms(word, fits, places=True))
            places = _phrase_starts(forms, at)
            found = places if found is None else _in_both(found, places)
            if not len(found):
                return scores
            weights.append(self._weighed(forms))
        if found is not None:
            docs = np.unique(found >> _PHRASE_ROOM)
            scores[docs] = np.minimum.reduce([of_word[docs] for of_word in weights])
        return scores

    def _forms(self, word: str, fits: Callable[[str], bool], *, places: bool) -> Iterator[_Form]:
        """Yield the forms of a word's stem that fit, segment by segment."""
        stem = stems_of([word])[0]
        wanted: dict[str, bool] = {}
        for row in rows_of_bucket(self._db, bucket_of(stem), places=places):
            names = row["words"].split(" ")
            if unknown := [name for name in names if name not in wanted]:
                same = zip(unknown, stems_of(unknown), strict=True)
                wanted |= {name: found == stem and fits(name) for name, found in same}
            chosen = [at for at, name in enumerate(names) if wanted[name]]
            if chosen:
                yield from _taken(row, chosen, self._size)


def _phrase_starts(forms: Sequence[_Form], at: int) -> _Places:
    """Return where phrases would begin that have these forms at this place, in order."""
    some = [(np.repeat(f.docs, f.counts) << _PHRASE_ROOM) + f.places - at for f in forms]
    places = np.concatenate(some) if some else np.empty(0, np.int64)
    if len({form.word for form in forms}) > 1:
        places.sort()
    return places


@dataclass(frozen=True)
class _Form:
    """One form of a word in the documents of a segment."""

    word: str
    docs: npt.NDArray[np.int64]
    weights: npt.NDArray[np.uint16]
    counts: npt.NDArray[np.uint16]
    places: npt.NDArray[np.uint16]


def _taken(row: dict[str, Any], chosen: Iterable[int], size: int) -> Iterator[_Form]:
    some = postings_from([row])
    ends = np.cumsum(some.sizes, dtype=np.intp)
    occurrences = np.cumsum(some.counts, dtype=np.intp)
    for n in chosen:
        pair = slice(ends[n] - some.sizes[n], ends[n])
        docs = some.docs[pair] + np.int64(row["first"])
        if docs[-1] >= 2 * size:  # a build has just written these: they are not to be seen yet
            continue
        place = slice(0, 0)
        if len(occurrences):
            place = slice(
                occurrences[pair.start] - some.counts[pair.start], occurrences[pair.stop - 1]
            )
        yield _Form(some.words[n], docs, some.weights[pair], some.counts[pair], some.places[place])


def _in_both(one: _Places, other: _Places) -> _Places:
    """Return what is in both of two ordered arrays."""
    few, many = sorted((one, other), key=len)
    if not len(few):
        return few
    at = np.searchsorted(many, few)
    both: _Places = few[many[np.minimum(at, len(many) - 1)] == few]
    return both
