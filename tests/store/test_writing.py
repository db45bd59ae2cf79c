from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from medpix2.errors import StoreBusy, StoreError
from medpix2.store.words import make_words
from medpix2.store.writing import (
    LAPSE,
    begin_folding,
    building,
    is_folded,
    writer_of,
    writing,
)


def claim_of(pid, **more):
    return {"_id": "writer", "host": socket.gethostname(), "pid": pid, "since": 1.0, **more}


def test_a_second_writer_is_told_who_writes(store):
    with writing(store.db):
        assert writer_of(store.db)["pid"] == os.getpid()
        with (
            pytest.raises(StoreBusy, match=f"by process {os.getpid()} on {socket.gethostname()}"),
            writing(store.db),
        ):
            pass
        assert writer_of(store.db)
    assert writer_of(store.db) is None


def test_the_claim_ends_with_its_block_however_that_ends(store):
    with pytest.raises(KeyboardInterrupt), writing(store.db):
        raise KeyboardInterrupt
    with writing(store.db):
        pass


def test_the_claim_of_a_process_that_is_gone_is_void(store):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    store.db["state"].insert_one(claim_of(gone.pid))
    assert writer_of(store.db) is None
    with writing(store.db):
        assert writer_of(store.db)["pid"] == os.getpid()


def test_the_claim_of_an_earlier_process_with_our_id_is_void(store):
    begun = psutil.Process().create_time()
    store.db["state"].insert_one(claim_of(os.getpid(), since=begun - 1000))
    with writing(store.db):
        pass


def test_a_writer_on_another_machine_holds_as_long_as_it_gives_signs_of_life(store):
    beat = datetime.now(UTC)
    store.db["state"].insert_one(claim_of(1, host="elsewhere.example", beat=beat))
    with pytest.raises(StoreBusy, match="process 1 on elsewhere"), writing(store.db):
        pass
    lapsed = {"$set": {"beat": beat - timedelta(seconds=LAPSE + 5)}}
    store.db["state"].update_one({"_id": "writer"}, lapsed)
    with writing(store.db):
        assert writer_of(store.db)["pid"] == os.getpid()


def test_a_writer_gives_signs_of_life(store, monkeypatch):
    monkeypatch.setattr("medpix2.store.writing.BEAT", 0.05)
    with writing(store.db):
        first = writer_of(store.db)["beat"]
        deadline = time.monotonic() + 10
        while writer_of(store.db)["beat"] == first and time.monotonic() < deadline:
            time.sleep(0.02)
        assert writer_of(store.db)["beat"] > first


def test_all_is_folded_first_after_a_build_that_did_not_end_and_for_another_fold(store):
    with building(store.db, 1) as everything:
        assert everything
    with building(store.db, 1) as everything:
        assert everything  # nothing has been folded
    store.current.insert_one({"_id": "x", "U_id": "x", "meta": {"kind": "case", "n": 0}})
    store.db["facets"].insert_one({"_id": "x"})
    store.db["state"].insert_one({"_id": "ordinals", "next": 1})
    with building(store.db, 1) as everything:
        assert everything  # the words are still to be made
    make_words(store.db)
    with building(store.db, 1) as everything:
        assert not everything
    with pytest.raises(KeyboardInterrupt), building(store.db, 1):
        raise KeyboardInterrupt
    with building(store.db, 1) as everything:
        assert everything
    with building(store.db, 2) as everything:
        assert everything
    with building(store.db, 2) as everything:
        assert not everything


def test_who_has_patience_writes_when_the_other_has_ended(store):
    import threading

    entered, leave = threading.Event(), threading.Event()

    def other():
        with writing(store.db):
            entered.set()
            leave.wait(30)

    thread = threading.Thread(target=other)
    thread.start()
    assert entered.wait(30)
    threading.Timer(0.3, leave.set).start()
    with writing(store.db, wait=30):
        assert leave.is_set()
    thread.join()


def test_a_curing_that_was_killed_is_finished_by_a_curing_or_a_build(store):
    store.current.insert_one({"_id": "A", "meta": {"kind": "case", "n": 0}})
    for curing in (True, False):
        with pytest.raises(KeyboardInterrupt), building(store.db, 1, curing=True):
            begin_folding(store.db)
            raise KeyboardInterrupt
        with pytest.raises(StoreError, match="a curing that did not finish: run `medpix2 curate"):
            store.require_content()
        assert not is_folded(store.db, 1)
        with building(store.db, 1, curing=curing) as everything:
            assert everything
        assert is_folded(store.db, 1)
        assert not is_folded(store.db, 2)


def test_a_build_that_was_killed_is_not_finished_by_a_curing(store):
    with pytest.raises(KeyboardInterrupt), building(store.db, 1):
        raise KeyboardInterrupt
    with (
        pytest.raises(StoreError, match="a build that did not finish"),
        building(store.db, 1, curing=True),
    ):
        pass


def test_a_withdrawal_that_was_killed_is_finished_by_a_withdrawal_or_a_build(store):
    store.current.insert_one({"_id": "A", "meta": {"kind": "case", "n": 0}})
    for withdrawing in ("A", ""):
        with pytest.raises(KeyboardInterrupt), building(store.db, 1, withdrawing="A"):
            begin_folding(store.db)
            raise KeyboardInterrupt
        with pytest.raises(StoreError, match="did not finish: run `medpix2 withdraw A` again"):
            store.require_content()
        with (
            pytest.raises(StoreError, match="a withdrawal that did not finish"),
            building(store.db, 1, curing=True),
        ):
            pass
        with building(store.db, 1, withdrawing=withdrawing) as everything:
            assert everything
        assert is_folded(store.db, 1)


def test_a_build_that_took_up_a_withdrawal_and_was_killed_is_finished_by_a_build_alone(store):
    for withdrawing in ("A", ""):
        with pytest.raises(KeyboardInterrupt), building(store.db, 1, withdrawing=withdrawing):
            raise KeyboardInterrupt
    with (
        pytest.raises(StoreError, match="a build that did not finish"),
        building(store.db, 1, withdrawing="A"),
    ):
        pass
