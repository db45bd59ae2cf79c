"""Store the documents of a source, and fold what they change."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from medpix2.batches import batches
from medpix2.curate import fold
from medpix2.errors import ProblemsFound
from medpix2.extract.pictures import Examined
from medpix2.extract.survey import Survey
from medpix2.extract.validate import Checked
from medpix2.pipeline.documents import case_document, image_document, picture_problem
from medpix2.pipeline.folding import FirstFold, refold
from medpix2.pipeline.pictures import PictureReader, until_broken
from medpix2.pipeline.progress import Progress
from medpix2.records import Problem
from medpix2.store.current import Written
from medpix2.store.database import Store
from medpix2.store.documents import (
    BATCH,
    Stored,
    is_empty,
    mark_gone,
    store_documents,
    store_dropped,
    taken_ids,
)
from medpix2.store.findings import store_findings
from medpix2.store.writing import building

if TYPE_CHECKING:
    from pymongo.collection import Collection

PICTURES = 128  # images stored at a time: few are left to store when the last is examined
_Document = dict[str, Any]


class Storing:
    """Brings the documents of one source into the database.

    Attributes
    ----------
    into
        The database, claimed for writing.
    reader, copy
        The source's images with what is found of their pictures, and the source itself.
    problems
        Everything that is wrong with the source, as far as it is known.
    cases, images
        Source documents that are new, changed or as they were.
    dropped
        Documents that were left out.
    """

    def __init__(
        self, store: Store, found: Survey, reader: PictureReader, progress: Progress
    ) -> None:
        self.cases, self.images, self.dropped = Stored(), Stored(), 0
        self.into, self.reader, self.copy = store, reader, reader.copy
        self.problems = found.problems
        self._found, self._progress = found, progress
        self._first: FirstFold | None = None

    def refuse_problems(self) -> None:
        """Examine every picture before anything is stored; raise `ProblemsFound` if need be."""
        with self._progress.step("check pictures", len(self.copy.pictures)) as advance:
            for checked, examined in self.reader:
                self._report_picture(checked, examined)
                advance(1)
        self._report_taken(self.into.cases, list(self._found.images), self.copy.image_file)
        self._report_taken(self.into.images, list(self._found.case_ids), self.copy.case_file)
        if total := self.problems.total():
            raise ProblemsFound(
                f"The source has {total} problems and the build is strict",
                "the database is as it was; mend them, or leave out --strict",
                self.problems.kept,
            )

    def store(self) -> Written:
        """Store all documents, and fold what they change."""
        with building(self.into.db, fold.VERSION) as everything:
            if everything and is_empty(self.into.db):
                coming = Counter(
                    case
                    for image, (case, _) in self._found.images.items()
                    if case and not self.reader.withdrawn.covering(image, case)
                )
                cases = (c for c in self._found.case_ids if not self.reader.withdrawn.covering(c))
                self._first = FirstFold(self.into, cases, coming)
            self._store_cases()
            self._store_images()
            gone = mark_gone(self.into.db, self.copy.origin, self._present())
            if self._first:
                return self._first.end(self._progress)
            return refold(self.into, None if everything else self._to_fold(gone),
                          progress=self._progress)  # fmt: skip

    def _store_cases(self) -> None:
        dropped = []
        repeated = self._found.repeated[self.copy.case_file]
        with self._progress.step("cases", len(self._found.case_ids)) as advance:
            for batch in batches(self._cases(), BATCH):
                documents = []
                for index, checked in batch:
                    if checked.document is None or index in repeated:
                        dropped.append((index, checked))
                    else:
                        documents.append(case_document(self.copy, self._found, checked))
                documents = self._without_taken(self.into.images, documents, self.copy.case_file)
                self._store_documents(self.into.cases, documents, self.cases)
                self._store_findings(checked for _, checked in batch)
                advance(len(batch))
        self._store_dropped(self.copy.case_file, dropped)

    def _cases(self) -> Iterator[tuple[int, Checked]]:
        """Yield the cases of the source, those that were withdrawn left out."""
        for index, checked in until_broken(self.copy.cases()):
            name = checked.document["U_id"] if checked.document else ""
            if met := self.reader.withdrawn.covering(name):
                self.reader.left_out.add(met)
            else:
                yield index, checked

    def _store_findings(self, cases: Iterable[Checked]) -> None:
        """Store what the source itself found of some cases, in place of what it found before."""
        found = {case.document["U_id"]: case.findings for case in cases if case.document}
        if self.copy.rules:
            self.cases.touched |= store_findings(self.into.db, self.copy.rules, found)

    def _store_images(self) -> None:
        with self._progress.step("pictures", len(self._found.images)) as advance:
            for batch in batches(self.reader, PICTURES):
                documents = []
                for checked, examined in batch:
                    documents.append(image_document(self.copy, self._found, checked, examined))
                    self._report_picture(checked, examined)
                cases = [document["U_id"] for document in documents]
                documents = self._without_taken(self.into.cases, documents, self.copy.image_file)
                self._store_documents(self.into.images, documents, self.images)
                if self._first:
                    self._first.stored(cases)
                advance(len(batch))
        self._store_dropped(self.copy.image_file, self.reader.dropped)

    def _store_documents(
        self, collection: Collection[_Document], documents: list[_Document], stored: Stored
    ) -> None:
        store_documents(collection, documents, stored, fresh=self._first is not None)

    def _present(self) -> list[Container[str] | None]:
        """Return the ids of the cases and of the images; None where a file breaks off before."""
        broken = {problem.file for problem in self.problems.kept if problem.kind == "broken-json"}
        files: dict[str, Container[str]] = {
            self.copy.case_file: self._found.case_ids,
            self.copy.image_file: self._found.images,
        }
        return [None if file in broken else ids for file, ids in files.items()]

    def _to_fold(self, gone: set[str]) -> list[str]:
        """Return the cases to fold; those that lost an image come before those that got it."""
        bereft = self.images.bereft
        touched = self.images.touched | self.cases.touched | gone
        return [*sorted(bereft), *sorted(touched - bereft)]

    def _report_picture(self, checked: Checked, examined: Examined | None) -> None:
        if examined is not None and examined.facts is None and checked.document is not None:
            name = checked.document["image"]
            self.problems.add(picture_problem(self.copy, name, examined))

    def _without_taken(
        self, other: Collection[_Document], documents: list[_Document], file: str
    ) -> list[_Document]:
        """Leave out documents whose id an earlier source gave to the other kind of document."""
        taken = self._report_taken(other, [document["_id"] for document in documents], file)
        self.dropped += len(taken)
        return [document for document in documents if document["_id"] not in taken]

    def _report_taken(self, other: Collection[_Document], ids: list[str], file: str) -> set[str]:
        taken = taken_ids(other, ids)
        for name in sorted(taken):
            message = f"has the id of one of the {other.name} of another source; it is left out"
            self.problems.add(
                Problem(kind="same-id", severity="error", file=file, id=name, message=message)
            )
        return taken

    def _store_dropped(self, file: str, dropped: list[tuple[int, Checked]]) -> None:
        """Keep what cannot be stored as a document, as text, with the reason."""
        rows = [
            {
                "index": index,
                "reason": "; ".join(str(problem) for problem in checked.errors)
                or "its id came before",
                "raw": checked.raw or json.dumps(checked.document),
            }
            for index, checked in dropped
        ]
        store_dropped(self.into.db, self.copy.origin, file, rows)
        self.dropped += len(rows)
