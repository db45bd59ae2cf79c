"""Read a snapshot of a crawl as a source: raw answers parsed to documents, offline."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from medpix2.extract.answers import encounter_id, image_uuid, topic_id
from medpix2.extract.parse import RULE, ParsedCase, RawCase, parse_case
from medpix2.extract.snapshot.folder import Run, Snapshot
from medpix2.extract.source import Source
from medpix2.extract.validate import Checked, check_case, check_image
from medpix2.records import Problem

SITE = "openi"
_BOTH = ["CT", "MR"]


class CrawledSource(Source):
    """The cases of a snapshot.

    A case that a later crawl of everything does not list any more is not among them.
    """

    site = SITE
    rules = (RULE,)
    case_file, image_file = "cases of the snapshot", "images of the snapshot"

    def __init__(self, snapshot: Snapshot) -> None:
        self.name, self.origin = snapshot.folder.name, str(snapshot.folder.absolute())
        self._snapshot = snapshot
        whole = [run.number for run in snapshot.runs() if _lists_all(run)]
        self._since = whole[-1] if whole else 0
        self._parsed = lru_cache(maxsize=8)(self._parse)

    def cases(self) -> Iterator[tuple[int, Checked]]:
        """Yield (index, checked case), in the order of the listings."""
        for index, uid in enumerate(self._snapshot.listing.case_ids(self._since)):
            parsed = self._parsed(uid)
            checked = check_case(parsed.case, self.case_file, index)
            problems = checked.problems + tuple(self._partial(parsed, index))
            yield (
                index,
                replace(
                    checked,
                    problems=problems,
                    source=parsed.source,
                    keywords=parsed.keywords,
                    findings=parsed.differences,
                ),
            )

    def images(self, cases: Container[str] = ()) -> Iterator[tuple[int, Checked]]:
        """Yield (index, checked image), case by case."""
        index = 0
        for uid in self._snapshot.listing.case_ids(self._since):
            parsed = self._parsed(uid)
            for image in parsed.images:
                checked = check_image(image, self.image_file, index, cases)
                yield index, replace(checked, source=parsed.image_sources.get(image["image"], {}))
                index += 1

    @property
    def pictures(self) -> Mapping[str, Path]:
        """Image id to the file of its picture: the full size, where a crawl has got it."""
        return _Pictures(self._snapshot, self._since)

    def _parse(self, uid: str) -> ParsedCase:
        answers = self._snapshot.answers
        listed = self._snapshot.listing.records(uid, self._since)
        records = [record.body for record in listed]
        encounter = _object(self._snapshot, "encounter", encounter_id(records[0]))
        uuids = {uuid for record in records if (uuid := image_uuid(record))}
        found = {uuid: answers.object(f"image/{uuid}") for uuid in uuids}
        raw = RawCase(
            uid=uid,
            records=records,
            encounter=encounter,
            topic=_object(self._snapshot, "topic", topic_id(encounter)),
            images={uuid: image for uuid, image in found.items() if image is not None},
        )
        return parse_case(raw)

    def _partial(self, parsed: ParsedCase, index: int) -> Iterator[Problem]:
        if parsed.missing:
            yield Problem(
                kind="partial", severity="warning", file=self.case_file, index=index,
                id=parsed.case["U_id"],
                message=f"MedPix has not answered for {', '.join(parsed.missing)}; crawl again",
            )  # fmt: skip


class _Pictures(Mapping[str, Path]):
    def __init__(self, snapshot: Snapshot, since: int) -> None:
        self._snapshot, self._since = snapshot, since

    def __getitem__(self, image: str) -> Path:
        for size in ("full", "512"):
            if path := self._snapshot.answers.picture(f"picture/{size}/{image}"):
                return path
        raise KeyError(image)

    def __iter__(self) -> Iterator[str]:
        return (image for image in self._snapshot.listing.images(self._since) if image in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _lists_all(run: Run) -> bool:
    """Tell whether a crawl has listed all that there was, to its end."""
    partly = any(run.options.get(name) for name in ("limit", "since", "only"))
    return run.ended is not None and not partly and sorted(run.options["modalities"]) == _BOTH


def _object(snapshot: Snapshot, kind: str, uuid: str | None) -> dict[str, Any] | None:
    return snapshot.answers.object(f"{kind}/{uuid}") if uuid else None
