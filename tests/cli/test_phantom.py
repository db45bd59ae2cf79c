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


def test_the_sites_say_their_address_and_end_well(sites, phantom_folder):
    served = sites(phantom_folder)
    assert served.url.startswith("http://127.0.0.1:")
    assert int(served.json("/api/search?coll=mpx")["total"]) > 0
    assert served.stop() == ("", "")


def test_without_a_source_the_phantom_of_the_home_is_served(sites, tmp_path, phantom_folder):
    home = tmp_path / "sites_home" / "phantom"
    home.mkdir(parents=True)
    (home / "cases-200-seed-1").symlink_to(phantom_folder)  # a small one in its place
    assert int(sites().json("/api/search?coll=mpx")["total"]) > 0


def test_records_are_served_in_their_order(sites, tmp_path):
    path = tmp_path / "records.json"
    records = [{"uid": f"MPX{n}", "image": {"id": f"MPX{n}_a", "modalityMajor": "c"}} for n in "21"]
    path.write_text(json.dumps(records))
    assert sites("--records", path).json("/api/search?it=c")["list"] == records


def test_what_cannot_be_served_is_one_line(medpix2, sites, phantom_folder, tmp_path):
    folder = str(phantom_folder)
    port = sites(folder).url.rpartition(":")[2]
    assert f"Port {port} on 127.0.0.1 is in use" in medpix2.failing(
        "phantom", "serve", folder, "--port", port
    )
    serve = ("phantom", "serve", "--port", "0")
    assert "unknown kind 'x'" in medpix2.failing(*serve, folder, "--faults", "x=1")
    assert "rate '2'" in medpix2.failing(*serve, folder, "--faults", "500=2")
    assert "is not there" in medpix2.failing(*serve, str(tmp_path / "none"))
    records = ("--records", str(tmp_path / "none.json"))
    assert "cannot be read" in medpix2.failing(*serve, *records)
    assert "--generation does not go" in medpix2.failing(*serve, *records, "--generation", "2")
