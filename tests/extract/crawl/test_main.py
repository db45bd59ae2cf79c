"""The words of the process that crawls, as its parent reads them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from medpix2.extract.crawl.process import Manners


@pytest.fixture
def said(plan_at, tmp_path, crawled_sites):
    """Return what runs the process with its input closed at once or not, and gives its words."""

    def run(folder=tmp_path / "s", **plan):
        job = {
            "folder": str(folder), "plan": plan_at(crawled_sites.url, **plan).options(),
            "settings": Manners(delay=0.0).scrapy(),
            "withdrawn": [],
        }  # fmt: skip
        with subprocess.Popen(
            [sys.executable, "-m", "medpix2.extract.crawl"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            lines = [json.loads(line) for line in process.stdout]
            assert process.stderr.read() == ""
        assert process.returncode == 0
        return lines

    return run


def test_its_last_word_is_how_it_ended(said):
    *progress, last = said(limit=2)
    assert {line["event"] for line in progress} <= {"progress"}
    assert (last["event"], last["left"], last["finished"]) == ("end", 0, True)
    assert last["done"]["encounter"] == 2


def test_an_error_is_told_in_its_parts(said, tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "mine.txt").write_text("mine")
    assert said() == [
        {
            "event": "error", "kind": "OutputError", "todo": "choose an empty one",
            "failed": f"Folder {tmp_path / 's'} holds something else (mine.txt)",
        }
    ]  # fmt: skip
