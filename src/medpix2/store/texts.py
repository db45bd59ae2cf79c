"""Full-text search over the texts of cases and the captions of pictures, with relevance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo.database import Database
from pyroaring import BitMap


@dataclass
class Hits:
    """Where a text was found.

    Attributes
    ----------
    cases
        Ordinal of a case to its relevance: that of its own texts and that of its best caption.
    images
        Ordinal of a picture to the relevance of its caption.
    """

    cases: dict[int, float] = field(default_factory=dict)
    images: dict[int, float] = field(default_factory=dict)


def search_texts(
    db: Database[dict[str, Any]],
    groups: Sequence[Sequence[str]],
    without: Iterable[str] = (),
    *,
    images: BitMap,
) -> Hits:
    """Find the cases in which every group of terms occurs, in a text or a caption.

    Parameters
    ----------
    db
        The database.
    groups
        Groups of alternative terms: each group must occur in a case, any of its terms will do. A
        term of several words, or with punctuation, is looked for as a phrase; a single word by
        its stem.
    without
        Terms that must not occur in a case.
    images
        Ordinals of the pictures whose captions count.

    Returns
    -------
    Hits
        Relevance is the sum over the groups of MongoDB's text score.
    """
    found: Hits | None = None
    for group in groups:
        hits = _any_of(db, group, images)
        found = hits if found is None else _both(found, hits)
    if found is None:
        return Hits()
    for term in without:
        absent = _any_of(db, [term], images)
        found.cases = {n: score for n, score in found.cases.items() if n not in absent.cases}
    return found


def _any_of(db: Database[dict[str, Any]], terms: Sequence[str], images: BitMap) -> Hits:
    """Find any of some terms: single words in one question, each phrase in one of its own."""
    words = [term for term in terms if term.isalnum()]
    phrases = [term for term in terms if not term.isalnum()]
    questions = [" ".join(words)] if words else []
    questions += ['"' + phrase.replace('"', " ") + '"' for phrase in phrases]
    hits = Hits()
    for question in questions:
        _ask(db, question, images, hits)
    return hits


def _ask(db: Database[dict[str, Any]], question: str, images: BitMap, hits: Hits) -> None:
    own: dict[int, float] = {}
    captions: dict[int, float] = {}
    rows = db["current"].find(
        {"$text": {"$search": question}},
        {
            "_id": 0,
            "n": "$meta.n",
            "c": "$meta.c",
            "kind": "$meta.kind",
            "s": {"$meta": "textScore"},
        },
        batch_size=20_000,
    )
    for row in rows:
        score, case = row["s"], row["c"]
        if row["kind"] == "case":
            own[case] = score
        elif row["n"] in images:
            hits.images[row["n"]] = max(score, hits.images.get(row["n"], 0.0))
            captions[case] = max(score, captions.get(case, 0.0))
    for case in own.keys() | captions.keys():
        score = own.get(case, 0.0) + captions.get(case, 0.0)
        hits.cases[case] = max(score, hits.cases.get(case, 0.0))


def _both(one: Hits, other: Hits) -> Hits:
    cases = {n: one.cases[n] + other.cases[n] for n in one.cases.keys() & other.cases.keys()}
    images = dict(one.images)
    for n, score in other.images.items():
        images[n] = images.get(n, 0.0) + score
    return Hits(cases, images)
