"""`medpix2 extract openi` and the options that say what a crawl is to get."""

from __future__ import annotations

import json
import re

import pytest

from medpix2.extract.crawl.plan import _day
from medpix2.extract.snapshot.folder import open_snapshot


@pytest.fixture
def crawl(medpix2, crawled_sites, site_options, tmp_path):
    """Return what crawls the phantom into a fresh folder with some options."""

    def run(*options: str, folder=tmp_path / "s", **more):
        arguments = ("extract", "openi", str(folder), *site_options(crawled_sites.url))
        return medpix2(*arguments, *options, **more)

    run.folder = tmp_path / "s"
    return run


def cases_of(folder) -> dict[str, dict]:
    """Return case id to the first Open-i record of it."""
    with open_snapshot(folder) as snapshot:
        listing = snapshot.listing
        return {uid: dict(listing.records(uid)[0].body) for uid in listing.case_ids()}


def kinds_of(folder) -> dict[str, int]:
    with open_snapshot(folder) as snapshot:
        return snapshot.answers.counts()


@pytest.fixture(scope="module")
def every(undisturbed):
    return cases_of(undisturbed)


def test_it_says_what_it_has_and_what_comes_next(crawl):
    done = crawl("--limit", "2")
    assert re.fullmatch(
        rf"Snapshot {crawl.folder}: 2 cases, \d+ pictures, \d+ answers\.\n"
        rf"Next: medpix2 build {crawl.folder}\n",
        done.stdout,
    )
    assert done.stderr == ""


def test_limit_gets_the_first_cases_whole(crawl, every):
    crawl("--limit", "3", "--modality", "CT")
    listed = [uid for uid, record in every.items() if record["image"]["modalityMajor"] == "c"]
    assert list(cases_of(crawl.folder)) == listed[:3]
    assert kinds_of(crawl.folder)["encounter"] == 3


def test_only_uids_gets_those_from_a_list_and_from_a_file(crawl, every, tmp_path):
    wanted = [*every][1:3]
    crawl("--only-uids", ",".join([*wanted, "MPX0"]))
    assert set(cases_of(crawl.folder)) == set(wanted)
    (tmp_path / "ids.txt").write_text("\n".join(wanted) + "\n")
    crawl("--only-uids", str(tmp_path / "ids.txt"), folder=tmp_path / "other")
    assert set(cases_of(tmp_path / "other")) == set(wanted)


def test_since_leaves_out_older_cases_and_takes_undated_ones(crawl, every):
    days = {uid: _day(record["journal_date"]) for uid, record in every.items()}
    since = sorted(day for day in days.values() if day)[len(days) // 3]
    wanted = {uid for uid, day in days.items() if day is None or day >= since}
    assert None in days.values() and len(wanted) < len(days)
    crawl("--since", since)
    assert set(cases_of(crawl.folder)) == wanted


def test_one_modality_is_asked_for_alone(crawled_phantom, sites, medpix2, site_options, tmp_path):
    served = sites(crawled_phantom)
    medpix2("extract", "openi", str(tmp_path / "s"), "--modality", "mr", *site_options(served.url))
    addresses = [a for a in served.json("/_asked/addresses") if a.startswith("/api/search")]
    assert addresses and all("it=m&" in address for address in addresses)
    kinds = {r["image"]["modalityMajor"] for r in cases_of(tmp_path / "s").values()}
    assert kinds == {"m"}


def test_a_dry_run_counts_and_writes_nothing(crawl, every, undisturbed):
    done = crawl("--dry-run")
    with open_snapshot(undisturbed) as snapshot:
        names = list(snapshot.listing.images())
        bodies = [r.body for uid in every for r in snapshot.listing.records(uid)]
    ct = sum(body["image"]["modalityMajor"] == "c" for body in bodies)
    cells = dict(line.split("\t") for line in done.stdout.splitlines() if "\t" in line)
    assert (int(cells["CT pictures"]), int(cells["MR pictures"])) == (ct, len(names) - ct)
    assert int(cells["requests to Open-i, about"]) == 2 + len(names)
    assert len(every) <= int(cells["cases, about"]) <= 2 * len(every)  # some have both
    assert not crawl.folder.exists()


def test_a_dry_run_without_the_site_is_one_clear_line(medpix2, site_options, tmp_path):
    options = site_options("http://127.0.0.1:9")
    line = medpix2.failing("extract", "openi", str(tmp_path / "s"), *options, "--dry-run")
    assert "No listing could be got from http://127.0.0.1:9 (refused)" in line


def test_full_size_tries_the_addresses_in_order(
    crawled_phantom, sites, medpix2, site_options, tmp_path, fresh_home
):
    served = sites(crawled_phantom)
    medpix2(
        "extract", "openi", str(tmp_path / "s"), *site_options(served.url), "--limit", "2",
        "--full-size",
    )  # fmt: skip
    asked = list(served.json("/_asked/addresses"))
    old = [a.rpartition("/")[2] for a in asked if a.startswith("/images/full/")]
    new = [a.rpartition("/")[2] for a in asked if a.startswith("/medpix/img/full/")]
    assert old == new != []
    assert not any(address.startswith("/imgs/") for address in asked)
    with open_snapshot(tmp_path / "s") as snapshot:
        for image in snapshot.listing.images():
            assert snapshot.answers.picture(f"picture/full/{image}").suffix == ".jpg"
    told = medpix2.json("build", str(tmp_path / "s"), "--json")
    assert told["pictures_examined"] == len(new) and told["problems"] == {}


def test_refresh_asks_for_everything_again(crawled_phantom, sites, medpix2, site_options, tmp_path):
    served = sites(crawled_phantom)
    arguments = ("extract", "openi", str(tmp_path / "s"), *site_options(served.url))
    medpix2(*arguments)
    medpix2(*arguments, "--refresh")
    asked = served.json("/_asked/addresses")
    assert set(asked.values()) == {2}
    with open_snapshot(tmp_path / "s") as snapshot:  # which has nothing new to store
        counts = [run.number for run in snapshot.runs()]
        keys = ["page/c/1", *(f"picture/512/{name}" for name in snapshot.listing.images())]
        assert counts == [1, 2]
        assert {len(snapshot.answers.history(key)) for key in keys} == {1}


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--modality", "XR"), 1, "No such modality: use one of CT, MR"),
        (("--since", "2020-13-01"), 1, "--since has the value '2020-13-01': write a day as"),
        (("--since", "2023-02-30"), 1, "--since has the value '2023-02-30': write a day as"),
        (("--only-uids", " , "), 1, "--only-uids names no case in ' , ': name ids such as"),
        (("--delay", "-1"), 1, "--delay has the value '-1'"),
        (("--at-once", "0"), 1, "--at-once has the value '0'"),
        (("--openi-url", "openi.nlm.nih.gov"), 1, "--openi-url has the value"),
        (("--contact", "a\nb"), 1, "--contact has the value"),
        (("--limit", "0"), 2, "Invalid value for '--limit'"),
    ],
)
def test_values_that_cannot_be_used_are_refused(medpix2, tmp_path, options, code, says):
    done = medpix2("extract", "openi", str(tmp_path / "s"), *options, code=code)
    assert says in done.stderr
    assert code == 2 or len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "s").exists()


def test_options_of_a_crawl_are_refused_where_nothing_is_crawled(medpix2, source):
    line = medpix2.failing("build", source.write(), "--limit", "3")
    assert "--limit" in line and "openi" in line
    assert json.loads(medpix2("build", source.write(), "--json").stdout)["cases"]["new"] == 5
