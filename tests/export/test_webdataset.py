import io
import tarfile

import pytest
import torch
import webdataset

from medpix2.export.format import Wishes
from medpix2.export.formats import FORMATS
from medpix2.export.webdataset import TarFile
from medpix2.export.writing import write_export


@pytest.fixture
def shards(told, tmp_path):
    """Return the folder of an export with a case a shard, and its train shards."""
    out = write_export(FORMATS["webdataset"], told, Wishes(shard_size=1), tmp_path / "out").folder
    return out, sorted(str(path) for path in out.glob("train-*.tar"))


def test_samples_are_decoded_by_webdataset(exported):
    shard = str(exported("webdataset") / "train-000000.tar")
    data = webdataset.WebDataset(shard, shardshuffle=False).decode("pil")
    samples = list(data.to_tuple("__key__", "png", "txt", "json"))
    assert len(samples) == 8
    key, picture, text, facts = samples[0]
    assert (key, picture.size, text) == ("MPX1000_ct0", (24, 16), "-1 ° of a/b")
    assert facts["image_id"] == key and facts["text_from"] == "caption"
    assert (facts["modality"], facts["case_diagnosis"]) == ("CT", "Hamartoma, chondroid")


def test_workers_part_the_shards_among_them(shards):
    out, train = shards
    assert [path[-16:] for path in train] == [f"train-{n:06}.tar" for n in range(4)]
    data = webdataset.WebDataset(
        train, shardshuffle=False, nodesplitter=webdataset.split_by_node
    ).decode("pil").to_tuple("__key__", "json")  # fmt: skip
    loader = torch.utils.data.DataLoader(data, num_workers=2, batch_size=None)
    keys = [key for key, _ in loader]
    assert len(keys) == len(set(keys)) == 8
    assert "train-{000000..000003}.tar" in (out / "README.md").read_text("utf-8")


def test_a_picture_without_a_caption_has_a_sentence_of_its_labels(told, exported):
    image = told.held[0].pictures[0].document
    image["Description"]["Caption"] = "Replace this - DESCRIPTION OF THE IMAGE OR FINDINGS."
    shard = str(exported("webdataset") / "train-000000.tar")
    text, facts = next(
        iter(webdataset.WebDataset(shard, shardshuffle=False).decode().to_tuple("txt", "json"))
    )
    assert (
        text == "Axial CT image, Brain (Head), 40-year-old man." and facts["text_from"] == "facts"
    )


def test_archives_know_no_time_and_no_owner(exported):
    with tarfile.open(exported("webdataset") / "dev-000000.tar") as tar:
        for member in tar:
            assert (member.mtime, member.uid, member.gid, member.uname) == (0, 0, 0, "")


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 20_000])
def test_an_archive_is_what_tarfile_writes(size):
    content = bytes(n % 251 for n in range(size))
    own, usual = io.BytesIO(), io.BytesIO()
    tar = TarFile(own)
    with tarfile.open(fileobj=usual, mode="w", format=tarfile.PAX_FORMAT) as known:
        for name in ("MPX1_synpic1.png", "ä" * 120):
            tar.add(name, content)
            info = tarfile.TarInfo(name)
            info.size = size
            known.addfile(info, io.BytesIO(content))
    tar.close()
    assert own.getvalue() == usual.getvalue()


def test_a_point_in_an_id_does_not_end_the_key(told, exported):
    told.held[0].pictures[0].document["image"] = "MPX1000_a.b"
    shard = str(exported("webdataset") / "train-000000.tar")
    sample = next(iter(webdataset.WebDataset(shard, shardshuffle=False)))
    assert sample["__key__"] == "MPX1000_a_b" and {"png", "txt", "json"} <= set(sample)


def test_the_page_s_example_runs(exported, run_example, capsys):
    run_example("webdataset", exported("webdataset"))
    assert "MPX1000_ct0 CT (24, 16) -1 ° of a/b" in capsys.readouterr().out
