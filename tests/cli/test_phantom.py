from __future__ import annotations

import json


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


def test_the_same_seed_gives_the_same_bytes(medpix2, tmp_path):
    for name, seed in (("a", "4"), ("b", "4"), ("c", "5")):
        said = medpix2("phantom", "make", str(tmp_path / name), "--cases", "3", "--seed", seed)
        assert (
            said.stdout
            == f"Made 3 cases in {tmp_path / name}; next: medpix2 build {tmp_path / name}\n"
        )
        assert said.stderr == ""
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert files(tmp_path / "a") != files(tmp_path / "c")


def test_documents_alone_and_no_defects(medpix2, tmp_path):
    out = tmp_path / "a"
    medpix2("phantom", "make", str(out), "--cases", "20", "--defects", "0", "--no-pictures")
    assert len(json.loads((out / "Case_topic.json").read_text())) == 20
    assert json.loads((out / "ground_truth.json").read_text())["planted"] == []
    assert not list((out / "images").iterdir())


def test_a_folder_that_is_there_is_left_alone(medpix2, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine").write_text("precious")
    assert "is there and not empty" in medpix2.failing("phantom", "make", str(tmp_path / "a"))
    assert files(tmp_path / "a") == {"mine": b"precious"}
