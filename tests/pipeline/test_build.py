from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import tarfile
import time
import zipfile
from pathlib import Path

import psutil
import pytest
from PIL import Image

from medpix2.errors import ProblemsFound, SettingError, SourceError, StoreBusy
from medpix2.pipeline import folding
from medpix2.pipeline.build import build
from medpix2.store.database import open_store
from medpix2.store.writing import writing

VIEWS = ("Clinical_Reports", "Image_Descriptions", "Image_Reports")


def stored(store, name):
    """Return the base collection less what stands beside the published fields."""
    beside = ("_id", "source", "normalized", "file", "problems", "digest")
    return {
        row["_id"]: {key: value for key, value in row.items() if key not in beside}
        for row in store.db[name].find()
    }


def viewed(store, name):
    return {row.pop("_id"): row for row in store.db[name].find()}


def published(folder):
    cases = json.loads((folder / "Case_topic.json").read_text())
    images = json.loads((folder / "Descriptions.json").read_text())
    return {case["U_id"]: case for case in cases}, {image["image"]: image for image in images}


def check_published(store, folder):
    """Compare the views with the source; every picture must be accepted."""
    cases, images = published(folder)
    assert viewed(store, "Clinical_Reports") == cases
    assert viewed(store, "Image_Descriptions") == images
    joined = {
        name: {
            **image,
            "Case": cases[image["U_id"]]["Case"],
            "Topic": cases[image["U_id"]]["Topic"],
        }
        for name, image in images.items()
    }
    assert viewed(store, "Image_Reports") == joined


def test_the_base_collections_have_what_the_source_says(phantom_store, phantom_folder):
    cases, images = published(phantom_folder)
    assert stored(phantom_store, "cases") == cases
    assert stored(phantom_store, "images") == images


def test_the_views_have_exactly_the_published_documents(phantom_store, phantom_folder):
    check_published(phantom_store, phantom_folder)


def test_a_client_of_the_published_views_finds_flair_with_case_and_topic(phantom_store):
    asked = {"Description.Modality": {"$regex": "flair", "$options": "i"}}
    rows = list(phantom_store.db["Image_Reports"].find(asked))
    images = phantom_store.images.find({}, {"Description.Modality": 1})
    expected = {r["_id"] for r in images if "flair" in r["Description"].get("Modality", "").lower()}
    assert expected
    assert {row["_id"] for row in rows} == expected
    for row in rows:
        case = phantom_store.cases.find_one({"_id": row["U_id"]})
        assert (row["Case"], row["Topic"]) == (case["Case"], case["Topic"])


def test_beside_the_published_fields_stands_where_they_come_from(phantom_store, phantom_folder):
    image = phantom_store.images.find_one({"source.image_uuid": {"$ne": None}})
    assert image["source"]["site"] == "phantom"
    assert image["source"]["origin"] == str(phantom_folder)
    assert image["source"]["page_url"].endswith(image["source"]["image_uuid"])
    assert image["source"]["split"] in ("train", "dev", "test")
    picture = phantom_folder / "images" / f"{image['_id']}.png"
    copied = phantom_store.settings.home / "pictures" / image["file"]["path"]
    assert copied.read_bytes() == picture.read_bytes()


def test_building_twice_changes_nothing_and_says_so(fresh_home, source, contents_of):
    first = build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        before = contents_of(store)
        second = build(fresh_home, source.write())
        assert contents_of(store) == before
    assert not first.unchanged
    assert (first.cases.new, first.images.new, first.examined) == (5, 9, 9)
    assert second.unchanged
    assert (second.cases.same, second.images.same, second.examined) == (5, 9, 0)
    assert second.summary == first.summary


def test_recheck_decodes_pictures_again(fresh_home, source):
    build(fresh_home, source.write())
    again = build(fresh_home, source.write(), recheck=True)
    assert again.unchanged
    assert again.examined == 9


@pytest.mark.real
def test_the_real_release_comes_out_as_it_went_in(fresh_home, real_copy, facets_agree):
    done = build(fresh_home, str(real_copy), link=True)
    assert (done.summary.cases, done.summary.images) == (602, 1850)
    assert done.problems.total("error") == 0
    assert done.problems.counts["warning", "overview-extra"] == 236
    assert done.problems.counts["warning", "overview-missing"] == 241
    with open_store(fresh_home) as store:
        check_published(store, real_copy)
        facets_agree(store)
        asked = {"Description.Modality": {"$regex": "flair", "$options": "i"}}
        row = store.db["Image_Reports"].find_one(asked)
        assert row["Case"]["Title"]
        assert row["Topic"]["Title"]
        assert build(fresh_home, str(real_copy), link=True).unchanged


# Kill and interrupt


def started(program, *arguments, after):
    """Start a command and wait some time, or until it has ended."""
    command = program.start(*arguments)
    deadline = time.monotonic() + after
    while command.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    return command


def test_a_build_killed_at_any_point_is_finished_by_running_it_again(
    medpix2, phantom_folder, phantom_store, contents_of, facets_agree, fresh_home
):
    begun = time.monotonic()
    medpix2("build", str(phantom_folder), "--database", f"{fresh_home.database}_timed")
    whole = time.monotonic() - begun
    killed = 0
    with open_store(fresh_home) as store:
        store.db.client.drop_database(f"{fresh_home.database}_timed")
        shutil.rmtree(fresh_home.home / "pictures")
        # A database that is there already makes the rest of a build no shorter: kill on.
        for part in (0.35, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0):
            command = started(medpix2, "build", str(phantom_folder), after=part * whole)
            command.kill()
            if command.wait() == -signal.SIGKILL:
                killed += 1
            else:
                whole *= 0.7  # the machine has become faster meanwhile
            command.communicate()
            for document in store.current.find({"meta.kind": "image"}):
                assert store.images.find_one({"_id": document["_id"]})
        build(fresh_home, str(phantom_folder))
        ours, undisturbed = contents_of(store), contents_of(phantom_store)
        assert ours == undisturbed
        facets_agree(store)
        assert build(fresh_home, str(phantom_folder)).unchanged
        assert "texts" in store.current.index_information()
    assert killed >= 3


def test_a_rebuild_killed_at_any_point_is_finished_by_running_it_again(
    medpix2, source, contents_of, facets_agree, fresh_home, tmp_path
):
    build(fresh_home, source.write())
    for at in range(6):
        source.case(f"MPX10{at}", ct=2, mr=2)
        source.found("MPX1")["Case"]["Title"] = f"Title {at}"
        source.drop(("MPX2_mr0", "MPX3", "MPX5_mr1", "MPX5", "MPX101", "MPX102_ct0")[at])
        command = started(medpix2, "build", source.write(), after=0.45 + 0.1 * at)
        command.kill()
        command.communicate()
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        facets_agree(store)
        assert {row["_id"] for row in store.images.find({"source.gone": {"$ne": True}})} == {
            image["image"] for image in source.images
        }
        assert build(fresh_home, source.write()).unchanged
        for row in store.current.find({"meta.status": "accepted"}):
            document = {k: v for k, v in row.items() if k not in ("_id", "meta")}
            assert document == source.found(row["_id"])


def test_a_killed_build_leaves_no_processes(medpix2, phantom_folder):
    command = medpix2.start("build", str(phantom_folder))
    parent = psutil.Process(command.pid)
    deadline = time.monotonic() + 20
    while not parent.children() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)
    children = parent.children(recursive=True)
    command.kill()
    command.communicate()
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert gone
    assert not alive


def test_ctrl_c_ends_a_build_with_one_line_and_code_130(medpix2, phantom_folder, fresh_home):
    for after in (0.3, 0.8, 1.6):
        command = started(medpix2, "build", str(phantom_folder), after=after)
        if command.poll() is None:
            os.killpg(command.pid, signal.SIGINT)
        out, err = command.communicate(timeout=60)
        if command.returncode == 0:
            continue
        assert command.returncode == 130, err
        assert out == ""
        (line,) = err.splitlines()
        assert line.startswith("medpix2: Interrupted: ")
    build(fresh_home, str(phantom_folder))
    with open_store(fresh_home) as store:
        check_published(store, phantom_folder)


# Broken sources


def png(**more):
    out = io.BytesIO()
    Image.new("L", (64, 64), 90).save(out, "PNG", **more)
    return out.getvalue()


def bomb():
    """Return the beginning of a picture of 30,000 x 30,000 pixels."""
    import struct
    import zlib

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000))


BROKEN_PICTURES = {
    "MPX1_ct0": (png()[:-30], "truncated"),
    "MPX1_ct1": (b"", "empty"),
    "MPX2_mr0": (b"this is no picture", "not a picture"),
    "MPX3_ct0": (bomb(), "bomb"),
}


def test_a_broken_picture_is_stored_as_excluded_with_its_reason(fresh_home, source, facets_agree):
    source.pictures |= {name: content for name, (content, _) in BROKEN_PICTURES.items()}
    done = build(fresh_home, source.write())
    assert done.problems.counts == {("error", "bad-picture"): 4}
    assert done.summary.statuses == {"accepted": 5, "excluded": 4}
    with open_store(fresh_home) as store:
        for name, (_, word) in BROKEN_PICTURES.items():
            current = store.current.find_one({"_id": name})
            assert current["meta"]["status"] == "excluded"
            assert word in current["meta"]["reason"]
            assert store.images.find_one({"_id": name})["file"] is None
            assert store.db["Image_Reports"].find_one({"_id": name}) is None
        facets_agree(store)
        assert build(fresh_home, source.write()).unchanged


def test_a_mended_source_is_accepted_when_it_is_built_again(fresh_home, source, facets_agree):
    sound = {name: dict(source.found(name)) for name in ("MPX5_ct0", "MPX4")}
    source.pictures |= {name: content for name, (content, _) in BROKEN_PICTURES.items()}
    source.found("MPX5_ct0")["Type"] = "X-ray"
    source.found("MPX4")["Case"] = "none"
    build(fresh_home, source.write())
    source.pictures = dict.fromkeys(source.pictures)
    for name, document in sound.items():
        source.found(name).update(document)
    for name in BROKEN_PICTURES:
        (source.folder / "images" / f"{name}.png").unlink()
    done = build(fresh_home, source.write())
    assert done.problems.total() == 0
    assert (done.cases.changed, done.images.changed) == (1, 5)
    with open_store(fresh_home) as store:
        assert store.current.count_documents({"meta.status": "accepted"}) == 14
        check_published(store, source.folder)
        facets_agree(store)


def test_an_invalid_field_excludes_its_document_and_the_whole_of_it_is_kept(
    fresh_home, source, facets_agree
):
    source.found("MPX1_ct0")["Type"] = "X-ray"
    source.found("MPX1_ct1")["Description"]["Age"] = 42
    source.found("MPX3")["Case"]["Title"] = ["a", "b"]
    done = build(fresh_home, source.write())
    assert done.problems.counts["error", "invalid-field"] == 3
    with open_store(fresh_home) as store:
        image = store.images.find_one({"_id": "MPX1_ct1"})
        assert "Age" not in image["Description"]
        assert json.loads(image["source"]["raw"])["Description"]["Age"] == 42
        assert store.current.find_one({"_id": "MPX1_ct1"})["meta"]["status"] == "excluded"
        reasons = {
            row["_id"]: row["meta"]["reason"]
            for row in store.current.find({"meta.status": "excluded"})
        }
        assert set(reasons) == {"MPX1_ct0", "MPX1_ct1", "MPX3", "MPX3_ct0"}
        assert "Age" in reasons["MPX1_ct1"]
        assert reasons["MPX3_ct0"] == "its case is excluded"
        facets_agree(store)
        assert build(fresh_home, source.write()).unchanged


def test_a_document_without_a_usable_id_is_kept_as_text(fresh_home, source):
    source.cases.append({**source.found("MPX1"), "U_id": "../etc"})
    source.cases.append(dict(source.found("MPX2"), Topic={}))
    source.images.append({**source.found("MPX1_ct0"), "Location": "again"})
    source.images.append({**source.found("MPX1_ct0"), "image": None})
    done = build(fresh_home, source.write())
    assert done.dropped == 4
    assert done.problems.counts["error", "duplicate-id"] == 2
    with open_store(fresh_home) as store:
        assert store.cases.count_documents({}) == 5
        assert store.images.count_documents({}) == 9
        assert store.images.find_one({"_id": "MPX1_ct0"})["Location"] == "Brain"
        kept = {(row["file"], row["index"]) for row in store.db["dropped"].find()}
        files = ("Case_topic.json", "Descriptions.json")
        assert kept == {(files[0], 5), (files[0], 6), (files[1], 9), (files[1], 10)}
        again = build(fresh_home, source.write())
        assert again.unchanged
        assert store.db["dropped"].count_documents({}) == 4


def test_a_description_without_a_picture_or_a_case_is_excluded(fresh_home, source, facets_agree):
    source.image("MPX9", "ct0")
    del source.pictures["MPX1_ct0"]
    source.pictures["MPX7_ct0"] = None
    done = build(fresh_home, source.write())
    assert done.problems.counts["error", "no-case"] == 1
    assert done.problems.counts["error", "no-picture"] == 1
    assert done.problems.counts["warning", "undescribed-picture"] == 1
    with open_store(fresh_home) as store:
        excluded = {row["_id"] for row in store.current.find({"meta.status": "excluded"})}
        assert excluded == {"MPX9_ct0", "MPX1_ct0"}
        facets_agree(store)
        source.case("MPX9")["TAC"].append("MPX9_ct0")
        build(fresh_home, source.write())
        assert store.current.find_one({"_id": "MPX9_ct0"})["meta"]["status"] == "accepted"
        facets_agree(store)


@pytest.mark.parametrize("broken", ["picture", "document", "warning"])
def test_a_strict_build_refuses_any_problem_and_stores_nothing(fresh_home, source, broken):
    if broken == "picture":
        source.pictures["MPX1_ct0"] = b""
    elif broken == "document":
        source.found("MPX1")["Case"] = 1
    else:
        source.splits["train"].remove("MPX1")
    with pytest.raises(ProblemsFound, match="1 problem") as caught:
        build(fresh_home, source.write(), strict=True)
    assert len(caught.value.problems) == 1
    with open_store(fresh_home) as store:
        for name in ("cases", "images", "current", "facets", "words", "dropped"):
            assert store.db[name].count_documents({}) == 0


def test_a_strict_build_of_a_sound_source_is_a_build(fresh_home, source):
    assert build(fresh_home, source.write(), strict=True).summary.images == 9


def test_a_source_that_is_not_there_or_is_none_is_refused(fresh_home, tmp_path):
    (tmp_path / "a.rar").write_bytes(b"Rar!")
    (tmp_path / "b.zip").write_bytes(b"no zip")
    (tmp_path / "empty").mkdir()
    for name in ("nowhere", "a.rar", "b.zip", "empty"):
        with pytest.raises(SourceError, match=name):
            build(fresh_home, str(tmp_path / name))
    assert not list(fresh_home.home.glob("unpacking-*"))


def test_a_file_that_breaks_off_withdraws_nothing(fresh_home, source, facets_agree):
    build(fresh_home, source.write())
    source.write()
    for name in ("Case_topic.json", "Descriptions.json"):
        path = source.folder / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    done = build(fresh_home, str(source.folder))
    assert done.problems.counts["error", "broken-json"] == 2
    with open_store(fresh_home) as store:
        assert store.current.count_documents({"meta.status": "withdrawn"}) == 0
        facets_agree(store)
        build(fresh_home, source.write())
        check_published(store, source.folder)


# A source that changes


def statuses(store):
    return {row["_id"]: row["meta"]["status"] for row in store.current.find()}


def test_what_is_gone_from_its_source_is_withdrawn_and_not_deleted(
    fresh_home, source, facets_agree
):
    build(fresh_home, source.write())
    source.drop("MPX1")
    source.drop("MPX5_mr0")
    gone = {"MPX1", "MPX1_ct0", "MPX1_ct1", "MPX1_mr0", "MPX5_mr0"}
    done = build(fresh_home, source.write())
    assert not done.unchanged
    assert (done.summary.cases, done.summary.images) == (4, 5)
    with open_store(fresh_home) as store:
        found = statuses(store)
        assert {name for name, status in found.items() if status == "withdrawn"} == gone
        assert len(found) == 14
        assert store.images.find_one({"_id": "MPX1_ct0"})["Location"] == "Brain"
        check_published(store, source.folder)
        facets_agree(store)
        assert build(fresh_home, source.write()).unchanged


def test_what_comes_back_to_its_source_is_accepted_again(
    fresh_home, source, contents_of, facets_agree
):
    build(fresh_home, source.write())
    cases, images = [dict(row) for row in source.cases], list(source.images)
    lists = [{key: list(row[key]) for key in ("TAC", "MRI")} for row in cases]
    pictures = dict(source.pictures)
    with open_store(fresh_home) as store:
        before = contents_of(store)
        source.drop("MPX1")
        source.drop("MPX5_mr0")
        build(fresh_home, source.write())
        source.cases = [row | of for row, of in zip(cases, lists, strict=True)]
        source.images, source.pictures = images, pictures
        build(fresh_home, source.write())
        assert contents_of(store) == before
        facets_agree(store)


def test_one_changed_caption_is_one_changed_image(fresh_home, source, facets_agree):
    build(fresh_home, source.write())
    source.found("MPX2_mr1")["Description"]["Caption"] = "A new caption"
    done = build(fresh_home, source.write())
    assert (done.images.new, done.images.changed, done.images.same) == (0, 1, 8)
    assert (done.cases.changed, done.current.changed) == (0, 1) or done.current.changed <= 3
    assert not done.unchanged
    with open_store(fresh_home) as store:
        view = store.db["Image_Reports"].find_one({"_id": "MPX2_mr1"})
        assert view["Description"]["Caption"] == "A new caption"
        facets_agree(store)


def test_facets_follow_every_label_that_changes(fresh_home, source, facets_agree):
    build(fresh_home, source.write())
    image = source.found("MPX1_ct1")
    image["Location Category"], image["Description"]["Age"] = "Abdomen", "N/A"
    source.found("MPX5")["Topic"]["Category"] = "Another"
    source.splits = {"train": ["MPX5", "MPX2"], "test": ["MPX3", "MPX1", "MPX4"]}
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        facets_agree(store)
        assert store.current.find_one({"_id": "MPX1_ct1"})["meta"]["split"] == "test"


def test_pictures_added_to_a_case_later_stand_with_its_others(fresh_home, source, facets_agree):
    build(fresh_home, source.write())
    source.found("MPX1")["MRI"].append(source.image("MPX1", "mr9", "MR"))
    source.found("MPX4")["TAC"].append(source.image("MPX4", "ct0"))
    source.found("MPX5")["TAC"].insert(0, source.image("MPX5", "ct9"))
    done = build(fresh_home, source.write())
    assert (done.images.new, done.summary.cases, done.summary.images) == (3, 5, 12)
    with open_store(fresh_home) as store:
        facets_agree(store)
        check_published(store, source.folder)
        found = [r["_id"] for r in store.current.find({"U_id": "MPX5", "meta.kind": "image"})
                 .sort("meta.n")]  # fmt: skip
        assert found == ["MPX5_ct9", "MPX5_ct0", "MPX5_mr0", "MPX5_mr1"]


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(("old", "new"), [("MPX5", "MPX1"), ("MPX1", "MPX5"), ("MPX3", "MPX4")])
def test_a_picture_may_move_to_another_case(
    fresh_home, source, facets_agree, monkeypatch, old, new, listed
):
    monkeypatch.setattr(folding, "BATCH", 1)  # as if thousands of cases stood between the two
    build(fresh_home, source.write())
    name = source.found(old)["TAC"][0]
    if listed:
        source.found(old)["TAC"].remove(name)
        source.found(new)["TAC"].append(name)
    source.found(name)["U_id"] = new
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        facets_agree(store)
        check_published(store, source.folder)


@pytest.mark.parametrize("cases", [("MPX1", "MPX5"), ("MPX5", "MPX3", "MPX1")])
def test_pictures_may_change_places_between_cases(
    fresh_home, source, facets_agree, monkeypatch, cases
):
    monkeypatch.setattr(folding, "BATCH", 1)
    build(fresh_home, source.write())
    pictures = [source.found(case)["TAC"][0] for case in cases]
    for case, picture in zip(cases[1:] + cases[:1], pictures, strict=True):
        source.found(case)["TAC"][0] = picture
        source.found(picture)["U_id"] = case
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        facets_agree(store)
        check_published(store, source.folder)
        assert build(fresh_home, source.write()).unchanged


def test_two_sources_stand_side_by_side(fresh_home, source, tmp_path, facets_agree):
    build(fresh_home, source.write())
    other = type(source)(tmp_path / "other")
    other.case("MPX50", mr=2)
    done = build(fresh_home, other.write())
    assert done.summary.cases == 6
    with open_store(fresh_home) as store:
        assert "withdrawn" not in statuses(store).values()
        facets_agree(store)


# Pictures: linked, copied, from archives


def test_linked_pictures_stay_where_they_are(fresh_home, source):
    build(fresh_home, source.write(), link=True)
    assert not (fresh_home.home / "pictures").exists()
    with open_store(fresh_home) as store:
        for image in store.images.find():
            path = Path(image["file"]["path"])
            assert path.is_absolute()
            assert path.stat().st_size == image["file"]["bytes"]


def test_going_from_links_to_copies_and_back_keeps_everything_else(
    fresh_home, source, contents_of, facets_agree
):
    build(fresh_home, source.write(), link=True)
    with open_store(fresh_home) as store:
        linked = contents_of(store, anywhere=True)
        done = build(fresh_home, source.write(), link=False)
        assert done.images.changed == 9
        assert contents_of(store, anywhere=True) == linked
        shutil.rmtree(source.folder / "images")
        for image in store.images.find():
            copied = fresh_home.home / "pictures" / image["file"]["path"]
            assert copied.stat().st_size == image["file"]["bytes"]
        build(fresh_home, source.write(), link=True)
        assert contents_of(store, anywhere=True) == linked
        facets_agree(store)


def test_a_copy_that_vanished_is_restored_by_building_again(fresh_home, source):
    build(fresh_home, source.write())
    copies = sorted(path for path in (fresh_home.home / "pictures").rglob("*.png"))
    content = copies[0].read_bytes()
    copies[0].unlink()
    done = build(fresh_home, source.write())
    assert done.unchanged
    assert done.examined == 1
    assert copies[0].read_bytes() == content


@pytest.mark.parametrize("ending", ["zip", "tar.gz"])
def test_an_archive_gives_what_its_folder_gives(fresh_home, source, tmp_path, contents_of, ending):
    build(fresh_home, source.write())
    archive = tmp_path / f"copy.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(archive, "w") as opened:
            for path in sorted(source.folder.rglob("*")):
                opened.write(path, Path("MedPix-2-0") / path.relative_to(source.folder))
    else:
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(source.folder, "MedPix-2-0")
    with open_store(fresh_home) as store:
        from_folder = contents_of(store, anywhere=True)
        store.db.client.drop_database(store.db.name)
    done = build(fresh_home, str(archive))
    with open_store(fresh_home) as store:
        assert contents_of(store, anywhere=True) == from_folder
        assert store.cases.find_one({})["source"]["origin"] == str(archive)
        assert store.cases.find_one({})["source"]["name"] == archive.name
        for image in store.images.find():
            assert (fresh_home.home / "pictures" / image["file"]["path"]).is_file()
    assert done.problems.total() == 0
    assert not list(fresh_home.home.glob("unpacking-*"))
    assert build(fresh_home, str(archive)).unchanged


def test_pictures_of_an_archive_cannot_be_linked(fresh_home, tmp_path):
    (tmp_path / "copy.zip").write_bytes(b"")
    with pytest.raises(SettingError, match="unpack it"):
        build(fresh_home, str(tmp_path / "copy.zip"), link=True)


def test_what_a_killed_build_unpacked_is_removed_by_the_next(fresh_home, source, tmp_path):
    with zipfile.ZipFile(tmp_path / "copy.zip", "w") as opened:
        for path in sorted(Path(source.write()).rglob("*")):
            opened.write(path, path.relative_to(source.folder))
    left = fresh_home.home / "unpacking-left"
    (left / "copy").mkdir(parents=True)
    (left / "copy" / "Case_topic.json").write_text("[]")
    build(fresh_home, str(tmp_path / "copy.zip"))
    assert not left.exists()


@pytest.mark.system
def test_a_full_disk_is_one_clear_error_and_the_build_goes_on_with_room(
    medpix2, phantom_folder, tmp_path, fresh_home
):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", disk], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted without being root")
    try:
        (fresh_home.home).mkdir()
        (fresh_home.home / "pictures").symlink_to(disk)
        line = medpix2.failing("build", str(phantom_folder))
        assert "No space left on device" in line
        assert "run the same command again" in line
        assert not list(disk.rglob(".*png*"))
        subprocess.run(["mount", "-o", "remount,size=100m", disk], check=True)
        medpix2("build", str(phantom_folder))
    finally:
        subprocess.run(["umount", disk], check=True)
    with open_store(fresh_home) as store:
        check_published(store, phantom_folder)


# Several at once


def test_a_second_writer_is_told_who_writes(fresh_home, source, medpix2):
    folder = source.write()
    with open_store(fresh_home) as store, writing(store.db):
        with pytest.raises(StoreBusy, match=f"process {os.getpid()} on"):
            build(fresh_home, folder)
        line = medpix2.failing("build", folder)
        assert str(os.getpid()) in line
        assert "wait" in line
    build(fresh_home, folder)


def test_what_is_built_can_be_read_while_it_is_built_again(
    medpix2, phantom_folder, phantom_store, contents_of, fresh_home
):
    from medpix2.pipeline.find import find

    build(fresh_home, str(phantom_folder))
    command = medpix2.start("build", str(phantom_folder), "--recheck")
    reads = 0
    with open_store(fresh_home) as store:
        while command.poll() is None:
            found = find(store, "the brain OR head"[:9] and "patient")
            assert len(found.matches) == min(20, found.cases)
            assert store.db["Image_Reports"].find_one()
            reads += 1
    assert command.communicate()[1] is not None
    assert command.returncode == 0
    assert reads > 1


@pytest.mark.parametrize("name", ["current", "facets", "words", "state"])
def test_what_was_folded_can_be_dropped_and_is_made_anew(
    fresh_home, source, facets_agree, contents_of, name
):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        before = contents_of(store)
        store.db[name].drop()
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        assert contents_of(store) == before
        facets_agree(store)


def test_a_row_of_the_overview_that_does_not_fit_gives_nothing(fresh_home, source):
    folder = Path(source.write())
    table = folder / "images_overview.csv"
    lines = ["Type,U_id,ID_Image,Img_Large,URL_Article_image"]
    for image in source.images:
        case = "MPX2" if image["image"] == "MPX1_ct0" else image["U_id"]
        kind = "TAC" if image["Type"] == "CT" else "MRI"
        lines.append(f"{kind},{case},{image['image']},http://x/y.png,http://x/case?id=uuid-of-it")
    table.write_text("\n".join(lines))
    done = build(fresh_home, str(folder))
    assert done.problems.counts == {("warning", "overview-differs"): 1}
    with open_store(fresh_home) as store:
        assert "image_uuid" not in store.images.find_one({"_id": "MPX1_ct0"})["source"]
        assert store.images.find_one({"_id": "MPX1_ct1"})["source"]["image_uuid"] == "uuid-of-it"


def test_a_source_that_was_moved_is_unchanged(fresh_home, source, contents_of, tmp_path):
    source.cases.append({"U_id": "", "Case": {"Title": "No id"}, "TAC": [], "MRI": []})
    before = build(fresh_home, source.write())
    assert before.dropped == 1
    with open_store(fresh_home) as store:
        known = contents_of(store, anywhere=True)
    moved = tmp_path / "elsewhere" / "renamed"
    moved.parent.mkdir()
    source.folder.rename(moved)
    after = build(fresh_home, str(moved))
    assert after.unchanged
    assert after.dropped == 1
    with open_store(fresh_home) as store:
        assert contents_of(store, anywhere=True) == known
        for name in ("cases", "images"):
            assert store.db[name].distinct("source.origin") == [str(moved)]
            assert store.db[name].distinct("source.name") == ["renamed"]
            assert not store.db[name].count_documents({"source.gone": True})
        assert store.db["dropped"].distinct("origin") == [str(moved)]
        source.folder = moved
        source.drop("MPX3")
        assert build(fresh_home, source.write()).current.changed
        assert store.cases.find_one({"_id": "MPX3"})["source"]["gone"] is True
