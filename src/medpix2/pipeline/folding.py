"""Make `current` from source documents, findings and decisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from medpix2.curate import fold as folding
from medpix2.pipeline.batches import batches
from medpix2.pipeline.progress import Progress, Silent
from medpix2.records import Decision, Finding
from medpix2.store.current import (
    BATCH,
    Inputs,
    Written,
    case_ids,
    clear_current,
    read_inputs,
    write_current,
)
from medpix2.store.database import Store
from medpix2.store.shape import begin_text_index
from medpix2.store.words import make_words
from medpix2.store.writing import begin_folding


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
    begin_folding(store.db)
    written = Written()
    everything = ids is None
    if everything:
        clear_current(store.db)
    total = store.cases.estimated_document_count() if everything else None
    with progress.step("fold", total) as advance:
        for batch in batches(case_ids(store.db) if ids is None else ids, BATCH):
            inputs = read_inputs(store.db, batch)
            write_current(store.db, inputs, _folded, folding.VERSION, written, fresh=everything)
            advance(len(batch))
    written.facets.save(store.db, anew=everything)
    if everything:
        begin_text_index(store.db)  # it takes the server as long as the words take us
        with progress.step("words", written.new) as advance:
            make_words(store.db, advance)
    else:
        written.words.save(store.db)
    return written


def _folded(inputs: Inputs) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    current = folding.fold(
        inputs.case,
        inputs.images,
        [Finding.model_validate(_bare(row)) for row in inputs.findings],
        [Decision.model_validate(_bare(row)) for row in inputs.decisions],
    )
    return current.case, current.images


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("_id", "case")}
