from __future__ import annotations

from html.parser import HTMLParser

from medpix2.cli.report_page import report_page
from medpix2.pipeline.report import OfRule, Report, Step


class Cells(HTMLParser):
    """Collects the cells of all tables, and every tag that has no end."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def test_the_page_has_the_steps_and_rules_and_escapes_what_a_source_says():
    evil = "<script>alert(1)</script>"
    found = Report(
        [Step("source documents", 5, 4, 9, 8)],
        {"blank": OfRule("exclude", 2, "pixels", "why & what", 1, ["A_1"], {"undecided": 1},
                         [("A_1", evil)])},
        3, {"accept": 2},
    )  # fmt: skip
    page = report_page(found, "Curing of <x>")
    assert "<script" not in page
    assert "<title>Curing of &lt;x&gt;</title>" in page
    read = Cells()
    read.feed(page)
    assert read.open == []
    assert ["source documents", "5", "4", "9", "8", ""] in read.rows
    assert ["blank 2why & what", "exclude", "1", "1 undecided", f"A_1: {evil}"] in read.rows
    assert "2 accept" in page
    assert "3 documents of the source" in page
