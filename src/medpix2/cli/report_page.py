"""The report of curing as one HTML page that needs no other file."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from medpix2.pipeline.report import Report

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem;
       color: #1c2430; }
table { border-collapse: collapse; margin: 0 0 2rem; width: 100%; }
caption, h1, h2 { text-align: left; }
th, td { border-bottom: 1px solid #d8dee6; padding: .3rem .6rem; text-align: left;
         vertical-align: top; }
th { background: #f2f5f8; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.bar { background: #4a7fb5; height: .7rem; min-width: 1px; } small { color: #5a6675; }
"""


def report_page(report: Report, title: str) -> str:
    """Return the page; what came from a source is escaped."""
    steps = report.steps
    most = max(steps[0].images_in, 1)
    step_rows = [
        (
            escape(s.step), s.cases_in, s.cases_out, s.images_in, s.images_out,
            f'<div class="bar" style="width:{100 * s.images_out / most:.1f}%"></div>',
        )
        for s in steps
    ]  # fmt: skip
    rule_rows = []
    for name, of in report.rules.items():
        examples = "<br>".join(f"{escape(i)}: {escape(m)}" for i, m in of.examples)
        decided = ", ".join(f"{n} {how}" for how, n in sorted(of.decided.items()))
        said = f"<b>{escape(name)}</b> <small>{of.version}</small><br><small>{escape(of.why)}"
        rule_rows.append(
            (f"{said}</small>", of.severity, of.hits, escape(decided), f"<small>{examples}</small>")
        )
    parts = [
        "<!doctype html>", '<html lang="en">', '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>", f"<style>{_STYLE}</style>",
        f"<h1>{escape(title)}</h1>", "<h2>Steps</h2>",
        _table(("step", "cases in", "out", "images in", "out", ""), step_rows),
        f"<p>{report.dropped} documents of the source have no usable id and are in no step.</p>",
        "<h2>Rules</h2>", _table(("rule", "severity", "hits", "decided", "examples"), rule_rows),
        f"<p>Decisions in the log: {_counts(report.decisions)}.</p>", "</html>",
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} {escape(name)}" for name, n in counts.items()) or "none"


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table; the cells are HTML already, numbers stand to the right."""
    numbers = [bool(rows) and isinstance(rows[0][at], int) for at in range(len(heads))]

    def row(cells: Sequence[Any], tag: str) -> str:
        made = (
            f'<{tag} class="n">{cell}</{tag}>' if right else f"<{tag}>{cell}</{tag}>"
            for cell, right in zip(cells, numbers, strict=True)
        )
        return f"<tr>{''.join(made)}</tr>"

    head = row([escape(name) for name in heads], "th")
    return "\n".join(["<table>", head, *(row(cells, "td") for cells in rows), "</table>"])
