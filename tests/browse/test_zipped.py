from __future__ import annotations

import io
import zipfile

from medpix2.browse.zipped import zipped


def test_the_pieces_are_a_zip_file_that_any_reader_opens():
    entries = [
        ("a/b.json", b"[1]" * 999),
        ("a/images/c.png", bytes(range(256)) * 50),
        ("a/ä.txt", b""),
    ]
    content = b"".join(zipped(iter(entries)))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert [(name, archive.read(name)) for name in archive.namelist()] == entries
    assert content == b"".join(zipped(iter(entries)))


def test_an_entry_is_sent_before_the_next_one_is_read():
    read = []

    def entries():
        for number in range(50):
            read.append(number)
            yield f"{number}.png", bytes([number]) * 1000

    pieces = zipped(entries())
    for number in range(50):
        assert len(next(pieces)) < 2000
        assert read[-1] == number
