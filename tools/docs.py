"""What the documents' cog blocks call: commands with their real output, and tables from the code.

`make docs` writes these parts again; `tests/test_docs.py` fails when they are out of date. Commands
run in a home of their own, so that what a document shows is what a reader gets.
"""

from __future__ import annotations

import atexit
import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

COLUMNS = 98
_VARYING = (
    (re.compile(r"\b\d+\.\d s in all"), "N s in all"),
    (re.compile(r"\x1b\[[0-9;?]*[A-Za-z]"), ""),
    (re.compile(r"process \d+"), "process N"),
)


@lru_cache(maxsize=1)
def home() -> Path:
    """Return the home of this run, removed at its end."""
    folder = Path(tempfile.mkdtemp(prefix="medpix2-docs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def console(*commands: str, lines: int = 40) -> str:
    """Run commands as a reader would, in a terminal, and return them with their output."""
    shown = []
    for command in commands:
        output = _run(command).splitlines()
        cut = [*output[:lines], "..."] if len(output) > lines else output
        shown += [f"$ {command}", *cut, ""]
    return "\n".join(["```console", *shown[:-1], "```"])


def prepare(*commands: str) -> None:
    """Run commands whose output a document does not show."""
    for command in commands:
        _run(command)


def included(file: str) -> str:
    """Return a Python file as it is."""
    return f"```python\n{Path(file).read_text('utf-8').rstrip()}\n```"


def settings_table() -> str:
    """Return the table of settings."""
    from medpix2.settings import SETTINGS

    rows = [
        f"| {'' if s.name == 'home' else f'`{s.name}`'} | `{s.option}` | `{s.variable}` "
        f"| {s.default_text} | {s.help} |"
        for s in SETTINGS
    ]
    head = "| in `settings.toml` | option | variable | default | meaning |\n|---|---|---|---|---|"
    return "\n".join([head, *rows])


def recipe_table() -> str:
    """Return the table of a recipe's keys."""
    from pydantic import BaseModel

    from medpix2.train.recipe import Recipe

    rows = ["| in | key | default | meaning |", "|---|---|---|---|"]
    default = Recipe()
    for name, field in Recipe.model_fields.items():
        part = getattr(default, name)
        if not isinstance(part, BaseModel):
            rows.append(f"|  | `{name}` | `{_toml(part)}` | {field.description} |")
            continue
        for key, inner in type(part).model_fields.items():
            value = "" if key == "templates" else f"`{_toml(getattr(part, key))}`"
            rows.append(f"| `[{name}]` | `{key}` | {value} | {inner.description} |")
    return "\n".join(rows)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {one}" for key, one in value.items()) + " }"
    return json.dumps(value)


def fields_table(*names: str) -> str:
    """Return the fields of some records with their descriptions."""
    from medpix2 import records

    rows = ["| record | field | meaning |", "|---|---|---|"]
    for name in names:
        for field, info in getattr(records, name).model_fields.items():
            rows.append(f"| {name} | `{info.alias or field}` | {info.description} |")
    return "\n".join(rows)


def text_origins_table() -> str:
    """Return where each published text comes from, and whose value wins."""
    from medpix2.extract.fields import CAPTION, CASE_FIELDS, LABELS, TOPIC_FIELDS

    rows = ["| published field | Open-i | MedPix | wins |", "|---|---|---|---|"]
    parts = (("Case", CASE_FIELDS), ("Topic", TOPIC_FIELDS), ("Description", (CAPTION,)))
    for part, table in parts:
        for each in table:
            both = each.wins if each.openi and each.medpix else ""
            openi, medpix = (f"`{path}`" if path else "" for path in (each.openi, each.medpix))
            rows.append(f"| {part}.{each.name} | {openi} | {medpix} | {both} |")
    rows += [f"| Description.{name} | | `{path}` | |" for name, path in LABELS.items()]
    return "\n".join(rows)


def location_categories_table() -> str:
    """Return the categories with the locations that belong to them."""
    from medpix2.extract.fields import LOCATION_CATEGORIES

    rows = ["| category | locations |", "|---|---|"]
    for category in sorted(set(LOCATION_CATEGORIES.values())):
        names = [name for name, found in LOCATION_CATEGORIES.items() if found == category]
        rows.append(f"| {category} | {', '.join(names)} |")
    return "\n".join(rows)


def rules_table() -> str:
    """Return the rules of curing, in the order in which they run."""
    from medpix2.curate.rules import RULES, SET_RULES

    rows = ["| rule | version | severity | looks at | why |", "|---|---|---|---|---|"]
    for rule in (*RULES, *SET_RULES):
        cells = (f"`{rule.name}`", rule.version, rule.severity, rule.looks_at, rule.why)
        rows.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def looks_table() -> str:
    """Return what is measured in pictures."""
    from medpix2.curate.rules import LOOKS

    rows = ["| look | version | why |", "|---|---|---|"]
    rows += [f"| `{look.name}` | {look.version} | {look.why} |" for look in LOOKS]
    return "\n".join(rows)


def tree(folder: str = "src/medpix2") -> str:
    """Return the folders of the package, each with the first line of its docstring."""
    import ast

    rows = ["| place | what lives there |", "|---|---|"]
    places = sorted(Path(folder).iterdir(), key=lambda path: (path.is_file(), path.name))
    for path in places:
        module = path / "__init__.py" if path.is_dir() else path
        if module.suffix != ".py" or path.name == "__init__.py" or not module.is_file():
            continue
        doc = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
        name = f"{path.name}/" if path.is_dir() else path.name
        rows.append(f"| `{name}` | {' '.join(doc.split(chr(10) * 2)[0].split())} |")
    return "\n".join(rows)


def _run(command: str) -> str:
    words = shlex.split(command)
    program = Path(sys.executable).parent / words[0]
    environ = {
        **os.environ,
        "MEDPIX2_HOME": str(home()),
        "COLUMNS": str(COLUMNS),
        "TERM": "xterm",
        "NO_COLOR": "1",
        "MEDPIX2_LINGER": "5",
    }
    ours, theirs = pty.openpty()
    with tempfile.TemporaryFile("w+") as notes:
        done = subprocess.Popen(
            [str(program), *words[1:]], stdout=theirs, stderr=notes, env=environ, cwd=home()
        )
        os.close(theirs)
        output = _drain(ours)
        code = done.wait()
        notes.seek(0)
        output += notes.read()
    if code:
        raise RuntimeError(f"documented command failed with {code}: {command}\n{output}")
    for varying, constant in _VARYING:
        output = varying.sub(constant, output)
    output = output.replace(str(home()), "~/.local/share/medpix2")
    return "\n".join(line.rstrip() for line in output.replace("\r", "").splitlines()).rstrip()


def _drain(terminal: int) -> str:
    blocks = []
    while True:
        try:
            block = os.read(terminal, 65536)
        except OSError:  # the other side closed
            break
        if not block:
            break
        blocks.append(block)
    os.close(terminal)
    return b"".join(blocks).decode()
