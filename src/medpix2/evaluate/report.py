"""The report of an evaluation as one HTML page: tables, figures, and the worst mistakes."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medpix2.evaluate.scoring import truth_of
from medpix2.export.pairs import Pair

WORST = 8
"""Mistakes that are shown of each task: the ones that the model was most sure of."""
SIDE = 180  # pixels of a shown picture
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
td, th { padding: .25rem .7rem; text-align: right }
td:first-child, th:first-child { text-align: left } tr { border-bottom: 1px solid #ccc }
figure { display: inline-block; width: 190px; margin: .4rem; vertical-align: top; font-size: 13px }
img { max-width: 100% } .wide { overflow-x: auto }
"""

Wrong = list[tuple[Pair, str, str, float]]


def write_report(
    path: Path, result: Mapping[str, Any], mistakes: Mapping[str, Wrong] | None = None
) -> None:
    """Write the page of a result of `evaluate_model` or `evaluate_predictions`.

    `mistakes` are those of each task (`worst_mistakes`); their pictures go into the page.
    """
    title = f"{result['model']} on {result['split']}"
    parts = [
        f"<h1>{_safe(title)}</h1>",
        f"<p>{result['pictures']} pictures of {result['cases']} cases. In brackets: 95 % intervals "
        "by a bootstrap over cases. Not for diagnosis.</p>",
    ]
    for task, found in result["tasks"].items():
        parts += [f"<h2>{_safe(task)}</h2>", _ways(found["ways"]), _classes(found),
                  _image(_confusion(found), "confusion")]  # fmt: skip
        parts += [_mistake(*one) for one in (mistakes or {}).get(task, ())]
    if result["retrieval"]:
        parts += ["<h2>Retrieval</h2>", _retrieval(result["retrieval"])]
    page = (
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        f"<title>{_safe(title)}</title><style>{STYLE}</style><body>{''.join(parts)}</body></html>"
    )
    path.write_text(page, "utf-8")


def worst_mistakes(
    probabilities: NDArray[np.floating], pairs: Sequence[Pair], task: str, classes: Sequence[str]
) -> Wrong:
    """Return wrong answers, the surest first: picture, label, what was told, its probability."""
    truth, whole = truth_of(pairs, task, classes)
    told, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero((truth >= 0) & (told != truth))
    order = wrong[np.argsort(-sure[wrong], kind="stable")][:WORST]
    return [(pairs[at], whole[truth[at]], classes[told[at]], float(sure[at])) for at in order]


def rows_of(ways: Mapping[str, Any]) -> list[list[str]]:
    """Return a row for each way to tell a task: its figures with intervals, as text."""
    rows = []
    for way, found in ways.items():
        if found:
            figures = [with_interval(found, name) for name in ("accuracy", "balanced_accuracy",
                                                               "macro_f1")]  # fmt: skip
            per_case = with_interval(found["per_case"], "accuracy")
            rows.append([way, *figures, f"{found['ece']:.3f}", per_case])
    return rows


HEAD = ("way", "accuracy", "balanced", "macro F1", "ECE", "accuracy per case")


def with_interval(found: Mapping[str, Any], name: str) -> str:
    """Return a figure with its interval, as text."""
    low, high = found[f"{name}_interval"]
    return f"{found[name]:.3f} [{low:.3f}, {high:.3f}]"


def _ways(ways: Mapping[str, Any]) -> str:
    return _table(HEAD, rows_of(ways))


def _classes(found: Mapping[str, Any]) -> str:
    head = ("class", "precision", "recall", "F1", "pictures")
    rows = [
        [row["name"], *(f"{row[key]:.3f}" for key in ("precision", "recall", "f1")), row["support"]]
        for row in found["per_class"]
        if row["support"]
    ]
    return _table(head, rows)


def _retrieval(found: Mapping[str, Any]) -> str:
    head = ("relevant", "recall@1", "recall@5", "recall@10", "median rank", "questions")
    keys = ("recall@1", "recall@5", "recall@10", "median_rank", "questions")
    rows = [
        [f"{name}, {way.replace('_', ' ')}", *(f"{values[key]:.3g}" for key in keys)]
        for name, ways in found.items()
        for way, values in ways.items()
        if isinstance(values, dict) and values
    ]
    similar = found["similar_case"]["ndcg@10"]
    return _table(head, rows) + f"<p>Picture to similar case: NDCG@10 {similar:.3f}</p>"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    def line(cells: Sequence[object], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{_safe(cell)}</{tag}>' for cell in cells)}</tr>"

    return (
        f"<div class='wide'><table>{line(head, 'th')}{''.join(line(row, 'td') for row in rows)}"
        "</table></div>"
    )


def _confusion(found: Mapping[str, Any]) -> bytes:
    from matplotlib.figure import Figure

    table, names = np.array(found["confusion"]), found["classes"]
    used = np.flatnonzero(table.sum(axis=0) + table.sum(axis=1))
    table, names = table[np.ix_(used, used)], [names[at] for at in used]
    side = 2.2 + 0.38 * len(names)
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(table, cmap="Blues")
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="told", ylabel="label")
    for (row, column), count in np.ndenumerate(table):
        if count:
            colour = "white" if count > table.max() / 2 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=8)
    held = io.BytesIO()
    figure.savefig(held, format="png", dpi=90)
    return held.getvalue()


def _mistake(pair: Pair, label: str, told: str, sure: float) -> str:
    picture = pair.open().convert("RGB")
    picture.thumbnail((SIDE, SIDE))
    held = io.BytesIO()
    picture.save(held, "jpeg", quality=85)
    caption = f"{pair.id}: {label}, told {told} ({sure:.0%})"
    shown = _image(held.getvalue(), pair.id)
    return f"<figure>{shown}<figcaption>{_safe(caption)}</figcaption></figure>"


def _image(content: bytes, name: str) -> str:
    kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
    coded = base64.b64encode(content).decode("ascii")
    return f"<img alt='{_safe(name)}' src='data:image/{kind};base64,{coded}'>"


def _safe(value: object) -> str:
    return html.escape(str(value), quote=True)
