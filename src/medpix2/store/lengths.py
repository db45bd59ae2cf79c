"""How long the texts are, in words.

The texts are read and their words counted here, not by the server: that takes less time than an
aggregation over split strings does (0.6 s against 0.9 s for 20,000 cases), knows every kind of
white space, and leaves out texts that only stand for a missing one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from pymongo.database import Database
from pyroaring import BitMap

_BATCH = 5000


def word_counts(
    db: Database[dict[str, Any]],
    kind: Literal["case", "image"],
    paths: Sequence[str],
    chosen: BitMap,
    meant: Callable[[object], str | None],
) -> dict[str, list[int]]:
    """Count the words of the current texts of some cases or pictures.

    Parameters
    ----------
    db
        The database.
    kind
        What the documents are of.
    paths
        Fields of two keys, such as "Case.Findings".
    chosen
        Ordinals of the cases (of their first pictures) or of the pictures.
    meant
        Gives a text, or None for what only stands for a missing one.

    Returns
    -------
    dict
        Path to the number of words of every text that is there, in no particular order.
    """
    counted: dict[str, list[int]] = {path: [] for path in paths}
    if not chosen:
        return counted
    projection = {"_id": 0, "meta.n": 1, **dict.fromkeys(paths, 1)}
    for document in db["current"].find({"meta.kind": kind}, projection, batch_size=_BATCH):
        if document["meta"]["n"] not in chosen:
            continue
        for path, lengths in counted.items():
            part, _, key = path.partition(".")
            text = meant((document.get(part) or {}).get(key))
            if text:
                lengths.append(len(text.split()))
    return counted
