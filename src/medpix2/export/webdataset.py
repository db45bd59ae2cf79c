"""The format `webdataset`: tar shards of picture, text and JSON a sample.

Shards are named as `webdataset` users write them, `train-{000000..000002}.tar`; a sample is
`KEY.png`, `KEY.txt`, `KEY.json`. No time, owner or order of a file system is in them.
"""

from __future__ import annotations

import json
import tarfile
from typing import IO, TYPE_CHECKING, Any

from medpix2.export.format import Card, Format, Part, Parts, Seen, Wishes
from medpix2.export.joined import ALWAYS, WITH_CASE, pictures_with_case, seen
from medpix2.export.rows import chosen, described
from medpix2.export.texts import caption_of, facts_of

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator
    from pathlib import Path

    from medpix2.export.output import Output

USE = """
```python
from glob import glob

import webdataset as wds

shards = sorted(glob("FOLDER/train-*.tar"))
data = wds.WebDataset(shards, shardshuffle=False).decode("pil").to_tuple("png", "txt", "json")
for picture, text, facts in data:
    print(facts["image_id"], facts["modality"], picture.size, text)
```

With several machines add `nodesplitter=wds.split_by_node`; workers of a `DataLoader` part the
shards among themselves. Have at least as many shards as there are workers on all machines
(`--shard-size` makes more of them).

`txt` is the caption, or a sentence of the picture's labels where it has none (`text_from` in `json`
says which); `json` has all that is known of the picture and its case.
"""


class TarFile:
    """Write a tar archive member by member, without a clock or an owner."""

    def __init__(self, file: IO[bytes] | io.RawIOBase) -> None:
        self._file = file
        self._size = 0

    def add(self, name: str, content: bytes) -> None:
        """Add a file."""
        info = tarfile.TarInfo(name)
        info.size = len(content)
        head = info.tobuf(tarfile.PAX_FORMAT)
        fill = bytes(-len(content) % tarfile.BLOCKSIZE)
        for piece in (head, content, fill):
            self._file.write(piece)
            self._size += len(piece)

    def close(self) -> None:
        """Write the end of the archive."""
        self._size += 2 * tarfile.BLOCKSIZE
        self._file.write(bytes(2 * tarfile.BLOCKSIZE + -self._size % tarfile.RECORDSIZE))


def write(part: Part, wishes: Wishes, output: Output) -> None:
    """Write the shard of a part."""
    fields = chosen(WITH_CASE, wishes.fields, ALWAYS)
    with output.file(f"{part.split}-part-{part.number:06}.tar") as file:
        tar = TarFile(file)
        for case in part.cases:
            made = [output.wished(picture) for picture in case.pictures]
            for one, row in zip(made, pictures_with_case(case, made), strict=True):
                caption = caption_of(row)
                said: dict[str, Any] = {field.name: row[field.name] for field in fields}
                said["text_from"] = "caption" if caption else "facts"
                # A point would end the key: `webdataset` takes the rest for an ending.
                key = row["image_id"].replace(".", "_")
                tar.add(f"{key}{one.suffix}", one.read())
                tar.add(f"{key}.txt", (caption or facts_of(row)).encode())
                tar.add(f"{key}.json", json.dumps(said, ensure_ascii=False).encode())
                output.count(f"samples:{part.split}")
        tar.close()


def finish(parts: Parts, output: Output) -> Card:
    """Number the shards of each split."""
    shards: dict[str, int] = {}
    for part in parts:
        for name, facts in part.files.items():
            split = str(part.split)
            output.rename(name, f"{split}-{shards.setdefault(split, 0):06}.tar", facts)
            shards[split] += 1
    lines = [
        f"- `{split}`: shards: {number}, samples: {parts.counts[f'samples:{split}']}, "
        f"`{split}-{{000000..{number - 1:06}}}.tar`"
        for split, number in shards.items()
    ]
    fields = chosen(WITH_CASE, parts.wishes.fields, ALWAYS)
    return Card(use=USE + "\n" + "\n".join(lines) + "\n", fields=described(fields))


def read(folder: Path) -> Iterator[Seen]:
    """Yield every picture of a finished export."""
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path, "r|") as tar:  # sample by sample, never back
            picture = b""
            for member in tar:
                held = tar.extractfile(member)
                content = held.read() if held else b""
                if member.name.endswith(".json"):
                    yield seen(f"{path.name} {member.name}", json.loads(content), picture)
                elif not member.name.endswith(".txt"):
                    picture = content


FORMAT = Format(
    name="webdataset",
    what="Tar shards of picture, text and JSON for webdataset.",
    write=write,
    finish=finish,
    by_split=True,
    sharded=True,
    cases_a_part=250,
    fields=tuple(field.name for field in WITH_CASE),
    bare=False,
    read=read,
)
