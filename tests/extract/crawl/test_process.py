"""The crawl as a user meets it: sites that fail, kills, full disks; a process against a process."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter

import psutil
import pytest

from medpix2.errors import OutputError, SourceError
from medpix2.extract.crawl.process import Manners, crawl
from medpix2.extract.snapshot.folder import open_snapshot
from medpix2.phantom.sites.faults import KINDS, LASTING
from medpix2.pipeline.build import build
from medpix2.store.database import open_store

NOWHERE = "http://localhost:9"  # nothing listens there
LIMITED = """
import json, resource, sys
from pathlib import Path
from medpix2.errors import Medpix2Error
from medpix2.extract.crawl.plan import Plan
from medpix2.extract.crawl.process import Manners, crawl

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
    try:
        crawl(Path(sys.argv[2]), Plan.of(json.loads(sys.argv[3])), Manners(delay=0.0))
    except Medpix2Error as error:
        print(f"{type(error).__name__}: {error}")
"""


def asked_of(served) -> Counter[str]:
    return Counter(served.json("/_asked/addresses"))


def crawlers(parent: int) -> list[psutil.Process]:
    return psutil.Process(parent).children()


def wait_for_answers(served, number: int) -> None:
    """Wait until the sites were asked so often."""
    until = time.monotonic() + 60
    while served.asked()["total"] < number and time.monotonic() < until:
        time.sleep(0.02)
    assert served.asked()["total"] >= number


def contents_when_built(settings, folder, contents_of):
    build(settings, str(folder))
    with open_store(settings) as store:
        found = contents_of(store, anywhere=True)
        store.db.client.drop_database(store.db.name)
    return found


def test_faults_of_every_kind_leave_the_same_snapshot_and_database(
    crawled_phantom, sites, crawl_into, undisturbed, digest_of, tmp_path, fresh_home, contents_of
):
    served = sites(
        crawled_phantom, "--faults", "all=0.06", "--retry-after", 0, "--hang", 60, "--slow", 0,
    )  # fmt: skip
    folder = tmp_path / "s"
    state = crawl_into(folder, served.url, manners=Manners(0.0, at_once=4, timeout=1.0))
    assert state.left == 0, state
    given = served.asked()["faults"]
    assert given.keys() == KINDS.keys() - LASTING  # or take another rate
    for kind in ("429", "500", "503", "timeout", "redirect-loop"):
        assert state.faults[kind] == given[kind], kind
    assert digest_of(folder) == digest_of(undisturbed)
    built = contents_when_built(fresh_home, folder, contents_of)
    assert built == contents_when_built(fresh_home, undisturbed, contents_of)


def test_a_killed_crawl_goes_on_and_asks_nothing_that_it_has(
    crawled_phantom, sites, undisturbed, digest_of, tmp_path, medpix2, site_options
):
    served = sites(crawled_phantom)
    folder, chance = tmp_path / "s", random.Random(6)
    kills = 0
    for _ in range(4):
        command = medpix2.start("extract", "openi", str(folder), *site_options(served.url))
        wait_for_answers(served, served.asked()["total"] + chance.randrange(4, 25))
        (crawler,) = crawlers(command.pid)
        for process in (crawler, psutil.Process(command.pid)):
            process.kill()
        command.communicate()
        kills += command.returncode == -signal.SIGKILL
    assert kills == 4
    with open_snapshot(folder) as snapshot:
        assert snapshot.frontier.counts()  # there was something left to go on with
    medpix2("extract", "openi", str(folder), *site_options(served.url))
    assert digest_of(folder) == digest_of(undisturbed)
    asked = asked_of(served)
    assert asked.pop("/robots.txt") == kills + 1
    twice = {address: number for address, number in asked.items() if number > 1}
    assert sum(twice.values()) - len(twice) <= 2 * kills  # those in flight when it was killed


def test_ctrl_c_ends_the_crawl_in_a_line_and_the_same_command_goes_on(
    crawled_phantom, sites, undisturbed, digest_of, tmp_path, medpix2, site_options
):
    served = sites(crawled_phantom)
    arguments = ("extract", "openi", str(tmp_path / "s"), *site_options(served.url))
    command = medpix2.start(*arguments)
    wait_for_answers(served, 20)
    crawler = crawlers(command.pid)[0]
    os.killpg(command.pid, signal.SIGINT)
    out, err = command.communicate(timeout=30)
    assert (command.returncode, out) == (130, "")
    assert err.splitlines() == [
        "medpix2: Interrupted: run the same command again, it goes on where it stopped"
    ]
    assert not crawler.is_running()
    medpix2(*arguments)
    assert digest_of(tmp_path / "s") == digest_of(undisturbed)
    asked = asked_of(served)
    del asked["/robots.txt"]
    assert max(asked.values()) == 1  # what was in flight was kept, too


def test_ctrl_c_does_not_wait_as_long_as_a_site_asks_to_be_left_alone(
    front, medpix2, site_options, tmp_path
):
    front.answers["/rest/"] = lambda *_: (429, {"retry-after": "600"}, b"")
    command = medpix2.start("extract", "openi", str(tmp_path / "s"), *site_options(front.url))
    until = time.monotonic() + 60
    while not front.times("/rest/") and time.monotonic() < until:
        time.sleep(0.02)
    command.send_signal(signal.SIGINT)
    command.communicate(timeout=30)
    assert command.returncode == 130


def test_the_crawl_ends_with_whoever_began_it(
    crawled_phantom, sites, medpix2, site_options, tmp_path
):
    served = sites(crawled_phantom)
    command = medpix2.start(
        "extract", "openi", str(tmp_path / "s"), *site_options(served.url), "--delay", "0.1"
    )
    wait_for_answers(served, 5)
    (crawler,) = crawlers(command.pid)
    command.kill()
    command.communicate()
    psutil.wait_procs([crawler], timeout=30)
    assert not crawler.is_running()
    with open_snapshot(tmp_path / "s") as snapshot:  # and nobody holds it
        assert snapshot.frontier.counts()


def test_without_medpix_the_cases_are_partial_and_a_later_run_completes_them(
    crawled_sites, medpix2, site_options, fresh_home
):
    def stored():
        with open_store(fresh_home) as store:
            cases = list(store.cases.find())
            return cases, Counter(row["U_id"] for row in store.images.find())

    command = ("build", "openi", *site_options(crawled_sites.url), "--limit", "2")
    done = medpix2(*command, "--medpix-url", NOWHERE, code=1)
    _report, line = done.stderr.splitlines()
    pattern = (
        r"medpix2: \d+ addresses have no answer .*\(refused \d; localhost:9 stopped answering\)"
    )
    assert re.match(pattern, line)
    assert "partial" in done.stdout
    cases, pictures = stored()
    assert [case["source"]["partial"][:2] for case in cases] == [["encounter", "topic"]] * 2
    assert all(case["Case"]["Title"] and "Discussion" not in case["Case"] for case in cases)
    medpix2(*command)
    cases, same = stored()
    assert not any("partial" in case["source"] for case in cases)
    assert all(case["Topic"]["Title"] for case in cases)
    assert same == pictures


def test_retry_after_holds_back_all_requests_to_that_host(front, crawl_into, tmp_path):
    first = []

    def busy(address, headers, before):
        if not first:
            first.append(time.monotonic())
            return 503, {"retry-after": "2"}, b"later"
        return None

    front.answers["/rest/encounter.json"] = busy
    state = crawl_into(tmp_path / "s", front.url, limit=3)
    assert (state.left, dict(state.faults)) == (0, {"503": 1})
    refused = front.times("/rest/encounter.json")[0]
    later = [at for at, *_ in front.asked if at > refused]
    assert min(later) - refused >= 1.9


def test_what_robots_txt_forbids_is_not_asked_and_the_rest_is_got(
    crawled_phantom, sites, crawl_into, tmp_path
):
    served = sites(crawled_phantom, "--faults", "robots=1")
    state = crawl_into(tmp_path / "s", served.url)
    kinds = served.asked()["kinds"]
    assert "topic" not in kinds
    assert state.failed == {"robots.txt": state.left}
    assert state.wanted == {"topic": state.left}
    assert state.done["encounter"] == kinds["encounter"] == 12
    assert state.done["picture"] == kinds["picture"]


def test_the_sites_are_asked_one_request_at_a_time_by_an_honest_name(
    crawled_phantom, sites, crawl_into, tmp_path
):
    served = sites(crawled_phantom)
    crawl_into(tmp_path / "s", served.url, manners=Manners(0.0, contact="ann@example.org"), limit=4)
    told = served.asked()
    assert told["most_at_once"] == 1
    assert told["kinds"]["robots"] == 1
    (agent,) = [name for name in told["user_agents"] if not name.startswith("Python")]
    assert re.fullmatch(r"medpix2/[\d.]+ \(research data set builder; ann@example\.org\)", agent)


def test_more_at_a_time_where_the_user_says_so(crawled_phantom, sites, crawl_into, tmp_path):
    served = sites(crawled_phantom, "--faults", "slow=1", "--slow", 0.1)
    crawl_into(tmp_path / "s", served.url, manners=Manners(0.0, at_once=3), limit=4)
    assert served.asked()["most_at_once"] in (3, 4)  # the site counts one until it is all sent


def test_a_full_disk_is_one_clear_error_and_the_crawl_goes_on_after(
    crawled_sites, plan_at, crawl_into, undisturbed, digest_of, tmp_path
):
    plan = plan_at(crawled_sites.url)
    said = subprocess.run(
        [sys.executable, "-c", LIMITED, "150000", tmp_path / "s", json.dumps(plan.options())],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert said.stderr == ""
    assert said.stdout.startswith(f"OutputError: Snapshot {tmp_path / 's'} cannot be written")
    assert "make room, then run the same command again" in said.stdout
    assert len(said.stdout.splitlines()) == 1
    assert crawl_into(tmp_path / "s", crawled_sites.url).left == 0
    assert digest_of(tmp_path / "s") == digest_of(undisturbed)


def test_two_crawls_of_one_snapshot_cannot_run_at_once(undisturbed, crawled_sites, plan_at):
    with (
        open_snapshot(undisturbed),
        pytest.raises(SourceError, match="in use by another command"),
    ):
        crawl(undisturbed, plan_at(crawled_sites.url), Manners(delay=0.0))


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path, crawled_sites, crawl_into):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be made"):
        crawl_into(tmp_path / "file" / "s", crawled_sites.url)
