from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest

from medpix2.errors import SettingError, SourceError
from medpix2.pipeline.extracting import Asked, estimate, extract, home_snapshot


class Told:
    """Notes what it is told of a crawl."""

    def __init__(self) -> None:
        self.units: list[str] = []
        self.shown: list[tuple[dict, str]] = []

    @contextmanager
    def counts(self, units):
        self.units = units
        yield lambda counts, note: self.shown.append((counts, note))


def test_it_tells_how_much_there_is_and_how_much_is_had(crawled_sites, asking, fresh_home):
    told = Told()
    settings = asking(fresh_home, crawled_sites.url)
    state = extract(settings, home_snapshot(settings), progress=told)
    assert told.units == ["pages", "cases", "pictures", "other answers"]
    counts, note = told.shown[-1]
    done = state.done
    assert counts == {
        "pages": (2, 2), "cases": (done["encounter"],) * 2, "pictures": (done["picture"],) * 2,
        "other answers": (done["topic"] + done["image"],) * 2,
    }  # fmt: skip
    assert note == ""


def test_faults_are_told_by_kind(crawled_phantom, sites, asking, fresh_home):
    served = sites(crawled_phantom, "--faults", "500=0.2")
    told = Told()
    settings = asking(fresh_home, served.url)
    state = extract(settings, home_snapshot(settings), Asked(limit=2), progress=told)
    assert told.shown[-1][1] == f"faults: 500 {state.faults['500']}"


def test_an_estimate_counts_what_each_site_is_asked(crawled_sites, asking, fresh_home):
    settings = replace(asking(fresh_home, crawled_sites.url), delay=0.05)
    small, large = estimate(settings), estimate(settings, Asked(full_size=True))
    pictures = sum(small.pictures.values())
    assert small.requests == {"MedPix": 2 * small.cases + pictures, "Open-i": 2 + pictures}
    assert large.requests == {"MedPix": 2 * small.cases + 2 * pictures, "Open-i": 2}
    assert small.seconds == max(small.requests.values()) * 0.05
    alone = estimate(settings, Asked(modalities=("CT",)))
    assert alone.pictures == {"CT": small.pictures["CT"]}
    assert not home_snapshot(settings).exists()


def test_what_cannot_be_asked_is_refused_before_anything_is_made(asking, fresh_home, tmp_path):
    settings = asking(fresh_home, "http://127.0.0.1:9")
    with pytest.raises(SettingError, match="No such modality: use one of CT, MR"):
        extract(settings, tmp_path / "s", Asked(modalities=("XR",)))  # type: ignore[arg-type]
    with pytest.raises(SettingError, match="No such modality"):
        extract(settings, tmp_path / "s", Asked(modalities=()))
    with pytest.raises(SourceError, match="No listing could be got"):
        estimate(settings)
    assert not (tmp_path / "s").exists()
