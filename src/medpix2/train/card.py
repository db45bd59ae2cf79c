"""The model card: what a model was trained on and how, what it reaches, what it is not for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from medpix2.encode.onnx import About
from medpix2.evaluate.report import HEAD, rows_of

CARD = "README.md"

LIMITS = """
- Not for diagnosis, nor for any other clinical use. It was made for teaching cases, which show
  rare diseases in chosen pictures; scans of a hospital look otherwise.
- Labels are one a case: a picture of another place in the same case counts as wrong.
- Only the labels above can be told, and every picture gets one of them, also a picture that is no
  scan: below a threshold `medpix2 classify` says "unsure".
- Dev chose the epoch, the way to tell each task and the temperatures, so that figures on dev are
  somewhat too good.
"""


def card_text(about: About, result: Mapping[str, Any]) -> str:
    """Return the card of a model in Markdown, from what it is and its figures on dev."""
    data, recipe = about.data, about.recipe
    parts = [
        f"# {about.name}: a CLIP model of radiological pictures\n",
        "Trained by medpix2. It tells " + ", ".join(about.tasks) + " of CT and MR pictures.\n",
        "## Data\n",
        f"{data['train']} pictures of {data['train_cases']} cases, judged by {data['dev']} pictures"
        f" of dev. SHA-256 of the lines of the export: `{data['sha256']}`. The pictures and texts"
        " are not in this folder, and their licence is their source's.\n",
        f"Pictures are padded to {about.size} by {about.size} pixels; burned-in lettering is "
        f"{'masked' if about.mask else 'kept'}.\n",
        "## Recipe\n",
        f"Pictures: `{recipe['picture']['encoder']}`, {recipe['picture']['train']}; texts: "
        f"`{recipe['text']['encoder']}`, {recipe['text']['train']}; loss: "
        f"{recipe['loss']['kind']}; seed {recipe['seed']}. All of it stands in `model.json`.\n",
        f"## Figures on {result['split']}\n",
        f"{result['pictures']} pictures of {result['cases']} cases; in brackets 95 % intervals by "
        "a bootstrap over cases.\n",
    ]
    for task, found in result["tasks"].items():
        parts.append(f"### {task}\n")
        parts.append(_table(found["ways"]))
    return "\n".join(parts) + "\n## Limits\n" + LIMITS


def _table(ways: Mapping[str, Any]) -> str:
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines += ["| " + " | ".join(row) + " |" for row in rows_of(ways)]
    return "\n".join(lines) + "\n"
