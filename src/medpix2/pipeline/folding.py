"""Make `current` from source documents, findings and decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from medpix2.batches import batches
from medpix2.curate import fold
from medpix2.pipeline.progress import Advance, Progress, Silent
from medpix2.records import Decision, Finding
from medpix2.store.current import (
    BATCH,
    Inputs,
    Written,
    case_ids,
    clear_current,
    read_inputs,
    remove_current,
    write_current,
)
from medpix2.store.database import Store
from medpix2.store.shape import begin_text_index
from medpix2.store.words import make_words
from medpix2.store.writing import begin_folding

NEARLY = 0.8  # share of the cases after which a first fold has the text index begun


def refold(
    store: Store, ids: Iterable[str] | None = None, *, progress: Progress | None = None
) -> Written:
    """Fold some cases, or all, and write what changed.

    Parameters
    ----------
    store
        The database, claimed for writing.
    ids
        Case ids; a case that lost a picture to another has to stand before that. None drops what
        was folded and folds all, whatever state it is in.
    progress
        Told of every case.
    """
    progress = progress or Silent()
    folding = Folding(store, anew=ids is None)
    total = store.cases.estimated_document_count() if ids is None else None
    with progress.step("fold", total) as advance:
        for batch in batches(case_ids(store.db) if ids is None else ids, BATCH):
            folding.fold(batch)
            advance(len(batch))
    return folding.end(progress)


class Folding:
    """A fold that is done part by part; nothing of it can be read before its end.

    `anew` drops what was folded before; every case must then come once.
    """

    def __init__(self, store: Store, *, anew: bool) -> None:
        begin_folding(store.db)
        if anew:
            clear_current(store.db)
        self._db, self._anew, self._written = store.db, anew, Written()
        self._indexing = False

    def fold(self, ids: Sequence[str]) -> None:
        """Fold some cases and write what changed; one that has no documents left is removed."""
        inputs = read_inputs(self._db, ids)
        write_current(self._db, inputs, _folded, fold.VERSION, self._written, fresh=self._anew)
        if not self._anew and (gone := set(ids) - {given.id for given in inputs}):
            remove_current(self._db, gone, self._written)

    def begin_index(self) -> None:
        """Let the server begin the text index, on the other core, unless it has begun."""
        if not self._indexing:
            self._indexing = True
            begin_text_index(self._db)

    def end(self, progress: Progress) -> Written:
        """Write the facets and the words, and return what was written in all."""
        self._written.facets.save(self._db, anew=self._anew)
        if self._anew:
            self.begin_index()  # it takes the server as long as the words take us
            with progress.step("words", self._written.new) as advance:
                make_words(self._db, advance)
        else:
            self._written.words.save(self._db)
        return self._written


class FirstFold:
    """Folds the cases of an empty database while their images come in.

    A case is folded when its last image has been stored and so have those of all cases before it:
    in order of their ids, as `refold` does it. Near the end the server begins the text index. So
    little is left to do, on one core, when the last picture has been examined.

    Parameters
    ----------
    store
        A database without cases and images, claimed for writing.
    cases
        Ids of the cases that will come.
    images
        Case id to the number of images that will come of it.
    """

    def __init__(self, store: Store, cases: Iterable[str], images: Mapping[str, int]) -> None:
        self._folding = Folding(store, anew=True)
        self._coming = dict(images)
        self._cases = sorted({*cases, *images})
        self._done = 0

    def stored(self, cases: Iterable[str]) -> None:
        """Note the case of every image that came; fold what is whole now."""
        for case in cases:
            self._coming[case] -= 1
        end = self._done
        while end < len(self._cases) and not self._coming.get(self._cases[end]):
            end += 1
        self._fold_until(end, lambda folded: None)
        if self._done > NEARLY * len(self._cases):
            self._folding.begin_index()

    def end(self, progress: Progress) -> Written:
        """Fold what is left."""
        with progress.step("fold", len(self._cases)) as advance:
            advance(self._done)
            self._fold_until(len(self._cases), advance)
        return self._folding.end(progress)

    def _fold_until(self, end: int, advance: Advance) -> None:
        for batch in batches(self._cases[self._done : end], BATCH):
            self._folding.fold(batch)
            advance(len(batch))
        self._done = end


def _folded(inputs: Inputs) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    current = fold.fold(
        inputs.case,
        inputs.images,
        [Finding.model_validate(_bare(row)) for row in inputs.findings],
        [Decision.model_validate(_bare(row)) for row in inputs.decisions],
    )
    return current.case, current.images


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("_id", "case")}
