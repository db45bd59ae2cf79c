"""Bring cases to rules: documents from the database, and what looks saw in their pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from medpix2.batches import batches
from medpix2.curate.rule import Subject
from medpix2.store.current import read_inputs
from medpix2.store.database import Store
from medpix2.store.looked import read_looked

BATCH = 200  # cases read at a time


def read_subjects(
    store: Store, cases: Sequence[str], looks: Mapping[str, int]
) -> Iterator[Subject]:
    """Yield cases as rules see them, in the order of the ids.

    `looks` has the versions of the looks; what another version saw is left out.
    """
    for ids in batches(cases, BATCH):
        inputs = read_inputs(store.db, ids, beside=False)
        files = {
            image["_id"]: image["file"]["sha256"]
            for given in inputs
            for image in given.images
            if image.get("file")
        }
        seen = read_looked(store.db, list(files.values()), looks)
        for given in inputs:
            looked = {
                image["_id"]: seen.get(files.get(image["_id"], ""), {}) for image in given.images
            }
            yield Subject(given.id, given.case, given.images, looked)
