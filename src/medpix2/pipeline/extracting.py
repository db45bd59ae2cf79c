"""`extract`: crawl the web sites into a snapshot."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from medpix2.errors import SettingError, SourceError
from medpix2.extract.answers import case_id
from medpix2.extract.crawl.plan import MODALITIES, PAGE, Plan, records_of, total_of
from medpix2.extract.crawl.process import Manners, State, crawl, in_words
from medpix2.extract.snapshot.folder import open_snapshot
from medpix2.pipeline.progress import Progress, Silent
from medpix2.settings import Settings
from medpix2.store.database import has_database, open_store
from medpix2.store.withdrawing import tombstones

SNAPSHOT = "openi"  # the snapshot of `build openi`, in the home's folder of snapshots
_SHOWN = {"pages": "page", "cases": "encounter", "pictures": "picture", "other answers": "rest"}


@dataclass(frozen=True)
class Asked:
    """What a crawl is to get: see `extract.crawl.plan.Plan`."""

    modalities: tuple[Literal["CT", "MR"], ...] = ("CT", "MR")
    limit: int | None = None
    since: str | None = None
    only: tuple[str, ...] = ()
    full_size: bool = False
    refresh: bool = False


@dataclass(frozen=True)
class Estimate:
    """How much a crawl of everything would get and take.

    Attributes
    ----------
    pictures
        Records of the listings, by modality.
    cases
        Cases, estimated from the first page of each listing.
    requests
        Site to requests.
    seconds
        Time at the delay that was asked for; the sites' own time comes on top.
    """

    pictures: dict[str, int]
    cases: int
    requests: dict[str, int]
    seconds: float


def home_snapshot(settings: Settings) -> Path:
    """Return the folder of the home's snapshot of Open-i and MedPix."""
    return settings.home / "snapshots" / SNAPSHOT


def extract(
    settings: Settings,
    folder: Path,
    asked: Asked | None = None,
    *,
    progress: Progress | None = None,
) -> State:
    """Crawl Open-i and MedPix into a snapshot; an interrupted crawl goes on where it stopped.

    Parameters
    ----------
    settings
        Addresses and manners.
    folder
        The snapshot; made if it is not there.
    asked
        What to get; everything by default.
    progress
        Told how far the crawl is.

    Raises
    ------
    SourceError
        The sites refuse, or the snapshot is in use or damaged.
    OutputError
        The snapshot cannot be written.
    """
    plan = _plan(settings, asked or Asked())
    with (progress or Silent()).counts(list(_SHOWN)) as show:
        return crawl(
            folder, plan, _manners(settings), lambda state: show(*_shown(state, plan)),
            withdrawn=_withdrawn(settings),
        )  # fmt: skip


def estimate(settings: Settings, asked: Asked | None = None) -> Estimate:
    """Ask for the first page of each listing alone, and say what a crawl would get and take.

    Raises
    ------
    SourceError
        Open-i does not answer, or refuses.
    """
    asked = asked or Asked()
    plan = _plan(settings, asked, dry=True)
    with tempfile.TemporaryDirectory(prefix="medpix2-") as place:
        folder = Path(place) / "snapshot"
        state = crawl(folder, plan, _manners(settings))
        if state.left:
            raise no_listing(settings, state)
        with open_snapshot(folder) as snapshot:
            keys = {modality: plan.page(modality, 1).key for modality in asked.modalities}
            pages = {m: snapshot.answers.object(key) or {} for m, key in keys.items()}
    pictures: dict[str, int] = {m: total_of(page) for m, page in pages.items()}
    cases = sum(_cases(records_of(page), pictures[m]) for m, page in pages.items())
    total = sum(pictures.values())
    listed = sum(math.ceil(n / PAGE) for n in pictures.values())
    requests = {"MedPix": 2 * cases + total, "Open-i": listed + total}
    if asked.full_size:
        requests = {"MedPix": 2 * cases + 2 * total, "Open-i": listed}
    seconds = max(requests.values()) * settings.delay / settings.at_once
    return Estimate(pictures, cases, requests, seconds)


def no_listing(settings: Settings, state: State) -> SourceError:
    """Return the error of a crawl that has got no listing."""
    kinds = ", ".join(sorted(state.failed)) or "the crawl was stopped"
    return SourceError(
        f"No listing could be got from {settings.openi_url} ({kinds})",
        "check the address and the network, and try again",
    )


def _cases(records: Iterable[dict[str, object]], total: int) -> int:
    """Estimate the cases of a listing from those of a page."""
    ids = [case_id(record) for record in records]
    return round(total * len(set(ids)) / len(ids)) if ids else 0


def _plan(settings: Settings, asked: Asked, *, dry: bool = False) -> Plan:
    if not asked.modalities or any(name not in MODALITIES for name in asked.modalities):
        raise SettingError("No such modality", f"use one of {', '.join(MODALITIES)}")
    return Plan(
        openi_url=settings.openi_url,
        medpix_url=settings.medpix_url,
        image_urls=settings.image_urls,
        dry=dry,
        **asdict(asked),
    )


def _withdrawn(settings: Settings) -> set[str]:
    """Return the names of all that was withdrawn from the database, if there is one."""
    if not has_database(settings):
        return set()
    with open_store(settings, create=False) as store:
        return tombstones(store.db).names()


def _manners(settings: Settings) -> Manners:
    return Manners(delay=settings.delay, at_once=settings.at_once, contact=settings.contact)


def _shown(state: State, plan: Plan) -> tuple[dict[str, tuple[int, int | None]], str]:
    """Return what is shown of a state: by unit how many so far and in all; faults by kind."""
    rest = ("topic", "image")
    done = {**state.done, "rest": sum(state.done.get(kind, 0) for kind in rest)}
    wanted = {**state.wanted, "rest": sum(state.wanted.get(kind, 0) for kind in rest)}
    counts: dict[str, tuple[int, int | None]] = {}
    for unit, kind in _SHOWN.items():
        had = done.get(kind, 0)
        total = had + wanted.get(kind, 0)
        if state.records and not (plan.limit or plan.only or plan.since):
            known = {"page": math.ceil(state.records / PAGE), "picture": state.records}
            total = max(total, known.get(kind, 0))
        counts[unit] = (had, total or None)
    faults = in_words(state.faults)
    return counts, f"faults: {faults}" if faults else ""
