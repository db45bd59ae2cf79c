"""All cases of the sites, packed in memory, and where each id stands."""

from __future__ import annotations

import pickle
import zlib
from array import array
from collections.abc import Iterable, Iterator
from functools import lru_cache

from medpix2.phantom.sites.cases import SiteCase, SitePicture
from medpix2.phantom.sites.chance import share

_PICTURES = 1 << 12  # more than a case has; (case, picture) is one number to the base of it
_UNPACKED = 512  # cases that are kept ready


class Catalog:
    """The cases in the order in which Open-i lists them.

    Parameters
    ----------
    cases
        The cases; they are taken in one by one and kept packed, about 1 kB each.
    seed
        Of the order, which is not that of the ids; None keeps the order of `cases`.
    """

    def __init__(self, cases: Iterable[SiteCase], seed: int | None = None) -> None:
        self._packed: list[bytes] = []
        self._kinds: list[str] = []  # of the pictures of each case, a comma behind each
        self._encounters: dict[str, int] = {}
        self._topics: dict[str, int] = {}
        self._images: dict[str, int] = {}  # by UUID
        self._pictures: dict[str, int] = {}  # by image.id
        self._names: dict[str, int] = {}  # by MedPix's name
        self._diagnoses: list[str] = []
        uids: list[str] = []
        for number, case in enumerate(cases):
            self._add(number, case)
            uids.append(case.uid)
        every = range(len(uids))
        mixed = sorted(every, key=lambda n: share(seed, uids[n])) if seed is not None else every
        self._order = array("L", mixed)
        self.case = lru_cache(maxsize=_UNPACKED)(self._case)
        self.matching = lru_cache(maxsize=16)(self._matching)

    def __len__(self) -> int:
        return len(self._packed)

    def _add(self, number: int, case: SiteCase) -> None:
        self._packed.append(zlib.compress(pickle.dumps(case, pickle.HIGHEST_PROTOCOL), 1))
        self._encounters.setdefault(case.uuid, number)
        self._diagnoses.append(case.sections.get("Diagnosis", "").lower())
        self._kinds.append("".join(f"{picture.kind}," for picture in case.pictures))
        if case.topic is not None:
            self._topics.setdefault(case.topic.uuid, number)
        for at, picture in enumerate(case.pictures):
            code = number * _PICTURES + at
            self._images.setdefault(picture.uuid, code)
            self._pictures.setdefault(picture.id, code)
            self._names.setdefault(picture.name, code)

    def _case(self, number: int) -> SiteCase:
        case: SiteCase = pickle.loads(zlib.decompress(self._packed[number]))
        return case

    def cases(self) -> Iterator[SiteCase]:
        """Yield every case, in order."""
        return (self.case(number) for number in self._order)

    def encounter(self, uuid: str) -> SiteCase | None:
        """Return the case with the UUID of an encounter."""
        number = self._encounters.get(uuid)
        return None if number is None else self.case(number)

    def topic(self, uuid: str) -> SiteCase | None:
        """Return the first case with a topic."""
        number = self._topics.get(uuid)
        return None if number is None else self.case(number)

    def image(self, uuid: str) -> tuple[SiteCase, SitePicture] | None:
        """Return a picture by its UUID."""
        return self._found(self._images.get(uuid))

    def picture(self, name: str) -> tuple[SiteCase, SitePicture] | None:
        """Return a picture by its id on Open-i (MPX1_synpic2) or its name on MedPix (synpic2)."""
        return self._found(self._pictures.get(name, self._names.get(name)))

    def diagnosed(self, part: str) -> list[SiteCase]:
        """Return the cases whose diagnosis contains a text, whatever its case."""
        part = part.lower()
        return [self.case(n) for n in self._order if part in self._diagnoses[n]]

    def at(self, code: int) -> tuple[SiteCase, SitePicture]:
        """Return the case and the picture of a number of `matching`."""
        number, at = divmod(code, _PICTURES)
        case = self.case(number)
        return case, case.pictures[at]

    def _matching(self, kinds: frozenset[str] | None, words: tuple[str, ...]) -> array[int]:
        """Return a number for each picture of some kinds (None: all) whose record has all words."""
        found = array("Q")
        for number in self._order:
            for at, kind in enumerate(self._kinds[number].split(",")[:-1]):
                code = number * _PICTURES + at
                if (kinds is None or kind in kinds) and (not words or self._says(code, words)):
                    found.append(code)
        return found

    def _says(self, code: int, words: tuple[str, ...]) -> bool:
        case, picture = self.at(code)
        said = " ".join((case.title or "", picture.caption or "", *case.sections.values())).lower()
        return all(word in said for word in words)

    def _found(self, code: int | None) -> tuple[SiteCase, SitePicture] | None:
        return None if code is None else self.at(code)
