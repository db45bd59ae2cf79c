"""The format `conversations`: instruction data for multimodal models, for one or several pictures.

Every conversation is one question and its answer. It is written twice: as LLaVA JSON and as a line
of `messages`, as TRL and the chat templates of transformers take it. The wording is drawn from the
seed, the picture or case and the task, so that other content does not change it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from medpix2.export.format import Card, Format, Part, Parts, Seen, Wishes
from medpix2.export.joined import Row, pictures_with_case, seen
from medpix2.export.tasks import LABEL_TASKS, REPORT_TASKS, TASKS, LabelTask, ReportTask
from medpix2.export.texts import caption_of, patient_of
from medpix2.field_groups import given_away

if TYPE_CHECKING:
    from pathlib import Path

    from medpix2.export.content import ExportCase
    from medpix2.export.output import Output

MAX_PICTURES = 8  # of a question about a case: more than most models take
INDEX = "images.jsonl"
LEFT_OUT = "left out: history gives the diagnosis away"

USE = """
Each question stands in two files of its split: `llava_SPLIT.json` (LLaVA: `conversations`, with an
`<image>` for each picture) and `messages_SPLIT.jsonl` (TRL, chat templates of transformers:
`messages` and `images`). Both keep `task`, `source_field` (the published field or fields that the
answer is), `label` (for questions with one right word) and `case`. `images.jsonl` lists the
pictures.

```python
from datasets import Image, Sequence, load_dataset

data = load_dataset("json", data_files="FOLDER/messages_train.jsonl", split="train")
data = data.map(lambda row: {"images": [f"FOLDER/{name}" for name in row["images"]]})
data = data.cast_column("images", Sequence(Image()))
```
"""


@dataclass(frozen=True)
class Conversation:
    """One question and its answer.

    Attributes
    ----------
    id
        Id of the picture or case, and the task.
    case, split, task
        Where it comes from.
    images
        Files of its pictures, relative to the export.
    question, answer
        The texts.
    source_field
        Published fields that the answer comes from.
    label
        The one right word or words; None where the answer is a text.
    """

    id: str
    case: str
    split: str | None
    task: str
    images: tuple[str, ...]
    question: str
    answer: str
    source_field: tuple[str, ...]
    label: str | None = None

    def llava(self) -> dict[str, Any]:
        """Return it as LLaVA has it."""
        marks = "<image>\n" * len(self.images)
        return {
            "id": self.id,
            "image": self.images[0] if len(self.images) == 1 else list(self.images),
            "conversations": [
                {"from": "human", "value": marks + self.question},
                {"from": "gpt", "value": self.answer},
            ],
            **self._about(),
        }

    def messages(self) -> dict[str, Any]:
        """Return it as a list of messages, with its pictures beside them."""
        asked: list[dict[str, str]] = [{"type": "image"} for _ in self.images]
        asked.append({"type": "text", "text": self.question})
        return {
            "id": self.id,
            "images": list(self.images),
            "messages": [
                {"role": "user", "content": asked},
                {"role": "assistant", "content": [{"type": "text", "text": self.answer}]},
            ],
            **self._about(),
        }

    def _about(self) -> dict[str, Any]:
        return {
            "case": self.case,
            "split": self.split,
            "task": self.task,
            "source_field": list(self.source_field),
            "label": self.label,
        }


def conversations_of(
    rows: Sequence[Row], files: Sequence[str], seed: int = 0, tasks: Sequence[str] = TASKS
) -> Iterator[Conversation]:
    """Yield the conversations on a case.

    Parameters
    ----------
    rows
        Its pictures, as `joined.pictures_with_case` gives them.
    files
        Their files.
    seed
        Of the wordings.
    tasks
        Names of the tasks.
    """
    for row, file in zip(rows, files, strict=True):
        for label_task in LABEL_TASKS:
            if label_task.name in tasks and (found := _on_label(label_task, row, file, seed)):
                yield found
    if not rows:
        return
    context = history_of(rows[0])
    for task in REPORT_TASKS:
        if task.name not in tasks or (task.context and context is None):
            continue
        if task.each:
            groups = [([row], [file]) for row, file in zip(rows, files, strict=True)]
        else:
            groups = [(list(rows[:1]), list(files[:MAX_PICTURES]))]
        for (row, *_), names in groups:
            if found := _on_report(task, row, names, context, seed):
                yield found


def history_of(row: Row) -> str | None:
    """Return what is known of a case before its pictures are read; None where that tells too much.

    Age and sex, history and examination. An examination that gives the diagnosis away is left out;
    if the history does so, or there is none, the case is not asked about.
    """
    names = [row["case_diagnosis"], row["title"], row["topic"]]
    history, exam = row["history"], row["exam"]
    if not history or given_away(names, history):
        return None
    told = [f"Patient: {patient_of(row)}."] if patient_of(row) else []
    told.append(f"History: {history}")
    if exam and not given_away(names, exam):
        told.append(f"Examination: {exam}")
    return "\n".join(told)


def write(part: Part, wishes: Wishes, output: Output) -> None:
    """Write the pictures of a part, and its conversations."""
    tasks = wishes.fields or TASKS
    llava, messages = f"llava_{part.split}.json", f"messages_{part.split}.jsonl"
    with (
        output.fragment(llava) as of_llava,
        output.fragment(messages) as of_messages,
        output.fragment(INDEX) as index,
    ):
        first = True
        for case in part.cases:
            rows, files = _pictures(case, output, index)
            if rows and history_of(rows[0]) is None:
                output.count(LEFT_OUT)
            for found in conversations_of(rows, files, wishes.seed, tasks):
                of_llava.write((b"" if first else b",\n") + _json(found.llava()))
                of_messages.write(_json(found.messages()) + b"\n")
                output.count(f"task:{found.task}")
                output.count(f"split:{part.split}")
                first = False


def finish(parts: Parts, output: Output) -> Card:
    """Join the conversations of each split."""
    output.join(INDEX, INDEX)
    for split in parts.splits():
        name = f"llava_{split}.json"
        output.join(name, name, head=b"[\n", between=b",\n", tail=b"\n]\n")
        output.join(f"messages_{split}.jsonl", f"messages_{split}.jsonl")
    counted = [(task, parts.counts[f"task:{task}"]) for task in TASKS]
    lines = [f"| {task} | {number} |" for task, number in counted if number]
    table = "\n".join(["| task | conversations |", "|---|--:|", *lines])
    return Card(
        use=f"{USE}\n{table}\n",
        limits=(
            "Cases without a history, or whose history names the diagnosis (by a word of its own, "
            f"not by a synonym): {parts.counts[LEFT_OUT]}. Nothing is asked there about diagnosis, "
            "differential, confirmation or treatment. An examination that does so is not told.",
            f"A question about a case shows its first {MAX_PICTURES} pictures at most.",
            "Findings and captions are answers as their authors wrote them: they may name what "
            "the pictures alone do not show.",
        ),
    )


def read(folder: Path) -> Iterator[Seen]:
    """Yield every picture and conversation of a finished export."""
    with (folder / INDEX).open(encoding="utf-8") as lines:
        for number, text in enumerate(lines, 1):
            line = json.loads(text)
            yield seen(f"{INDEX} line {number}", line, folder / line["file"])
    for path in sorted(folder.glob("messages_*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for number, text in enumerate(lines, 1):
                line = json.loads(text)
                for name in line["images"]:
                    if not (folder / name).is_file():
                        raise ValueError(f"{path.name} line {number}: {name} is not there")
                where = f"{path.name} line {number}"
                yield Seen(where, "case's conversation", line["id"], line["case"], line["split"])


def _pictures(case: ExportCase, output: Output, index: IO[bytes]) -> tuple[list[Row], list[str]]:
    """Write the pictures of a case, and a line on each; return their rows and files."""
    made = [output.wished(picture) for picture in case.pictures]
    rows = pictures_with_case(case, made)
    files = [f"images/{row['image_id']}{one.suffix}" for one, row in zip(made, rows, strict=True)]
    for name, one, row in zip(files, made, rows, strict=True):
        output.picture(name, one)
        line = {"file": name, **{key: row[key] for key in ("image_id", "case_id", "split")}}
        index.write(_json(line) + b"\n")
    return rows, files


def _on_label(task: LabelTask, row: Row, file: str, seed: int) -> Conversation | None:
    label = row[task.label]
    if label is None or label in task.unasked:
        return None
    name = f"{row['image_id']}/{task.name}"
    question, answer = _drawn(seed, name, task.wordings)
    said = task.said.get(label, label)
    answer = answer.format(label=label, said=said)
    return Conversation(
        name, row["case_id"], row["split"], task.name, (file,), question, answer,
        (task.source_field,), label,
    )  # fmt: skip


def _on_report(
    task: ReportTask, row: Row, files: Sequence[str], context: str | None, seed: int
) -> Conversation | None:
    texts = _texts(task.answer, row)
    if next(iter(task.answer)) not in texts:
        return None
    name = f"{row['image_id'] if task.each else row['case_id']}/{task.name}"
    question = _drawn(seed, name, task.questions)
    if task.context:
        question = f"{context}\n{question}"
    answer = "\n".join(task.answer[field].format(text=text) for field, text in texts.items())
    sources = [
        source
        for field, source in zip(task.answer, task.source_fields, strict=True)
        if field in texts
    ]
    return Conversation(
        name, row["case_id"], row["split"], task.name, tuple(files), question, answer,
        tuple(sources),
    )  # fmt: skip


def _texts(fields: Mapping[str, str], row: Row) -> dict[str, str]:
    found = {name: caption_of(row) if name == "caption" else row[name] for name in fields}
    return {name: text for name, text in found.items() if text}


def _drawn(seed: int, name: str, wordings: Sequence[Any]) -> Any:
    return random.Random(f"{seed}:{name}").choice(wordings)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


FORMAT = Format(
    name="conversations",
    what="Questions and answers on pictures and cases, as LLaVA JSON and as messages.",
    write=write,
    finish=finish,
    by_split=True,
    fields=TASKS,
    bare=False,
    read=read,
)
