from __future__ import annotations

import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import trustme
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from medpix2.errors import DiskFull, Medpix2Error, SettingError, StoreError
from medpix2.pipeline.build import build
from medpix2.pipeline.find import find
from medpix2.settings import load_settings
from medpix2.store import checks
from medpix2.store.backup import backup
from medpix2.store.database import open_store
from medpix2.store.mongod import find_mongod
from medpix2.store.server import stop_server

PASSWORD = "s3cr3t-Pässwörd"
QUOTED = "s3cr3t-P%C3%A4ssw%C3%B6rd"
WRONG = "wr0ng-one"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def external(tmp_path_factory):
    """Run a mongod with TLS and users; return what to write behind user and password."""
    folder = tmp_path_factory.mktemp("external")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
        folder / "server.pem"
    )
    (folder / "db").mkdir()
    port = free_port()
    server = subprocess.Popen(
        [
            find_mongod(), "--dbpath", folder / "db", "--port", str(port), "--auth",
            "--bind_ip", "127.0.0.1", "--tlsMode", "requireTLS", "--nounixsocket",
            "--tlsCertificateKeyFile", folder / "server.pem", "--tlsCAFile", folder / "ca.pem",
            "--tlsAllowConnectionsWithoutCertificates", "--logpath", folder / "log",
        ]
    )  # fmt: skip
    rest = f"@localhost:{port}/?tls=true&tlsCAFile={folder / 'ca.pem'}"
    with MongoClient(
        "localhost", port, tls=True, tlsCAFile=str(folder / "ca.pem"), directConnection=True
    ) as client:
        client.admin.command("createUser", "root", pwd="root", roles=["root"])
    with MongoClient(f"mongodb://root:root{rest}") as client:
        client.admin.command(
            "createUser", "ann", pwd=PASSWORD,
            roles=[{"role": "readWrite", "db": "medpix"}, {"role": "dbAdmin", "db": "medpix"}],
        )  # fmt: skip
    yield rest
    server.terminate()
    server.wait()


@pytest.fixture
def outside(external, tmp_path):
    return load_settings(
        {
            "home": tmp_path / "home", "mongo_url": f"mongodb://ann:{QUOTED}{external}",
            "database": "medpix", "jobs": 1,
        },
        {},
    )  # fmt: skip


def test_a_server_with_password_and_tls_works_as_the_embedded_one(
    outside, source, program_of, tmp_path, contents_of, facets_agree, fresh_home
):
    build(fresh_home, source.write(), link=True)
    medpix2 = program_of(outside)
    said = [medpix2("build", source.write(), "--link")]
    said += [medpix2(*command) for command in (["find", "cough"], ["stats"], ["db", "status"])]
    said.append(medpix2("db", "backup", str(tmp_path / "saved.tar.gz")))
    said.append(medpix2("db", "restore", str(tmp_path / "saved.tar.gz"), "--overwrite"))
    with open_store(outside) as store, open_store(fresh_home) as embedded:
        assert contents_of(store) == contents_of(embedded)
        facets_agree(store)
        assert build(outside, source.write(), link=True).unchanged
    assert "ann:***@localhost" in said[3].stdout
    for done in said:
        assert not has_secret(done.stdout + done.stderr)


def test_commands_of_the_embedded_server_refuse_an_url(outside, program_of):
    for command in ("start", "stop"):
        assert "a MongoDB URL is set" in program_of(outside).failing("db", command)


def has_secret(text):
    return any(word in text for word in ("s3cr3t", "sswörd", "ssw%C3", WRONG))


def chain(error):
    """Return all that the exceptions behind an exception say."""
    said = []
    while error is not None:
        said.append(f"{error} {error!r} {error.args} {vars(error)}")
        error = error.__cause__ or error.__context__
    return " ".join(said)


def bad_urls(rest):
    at = rest.removeprefix("@").partition("/")[0]
    yield f"mongodb://ann:{WRONG}{rest}", "refused the user or password"
    yield f"mongodb://ann:{QUOTED}@localhost:{free_port()}/", "cannot be reached"
    yield f"mongodb://ann:{QUOTED}@{at}/", "cannot be reached"  # without TLS
    yield f"mongodb://ann:{QUOTED}@no-such-host.invalid/", "cannot be reached"
    yield f"mongodb://ann:s3cr3t/x@{at}/", ""
    yield f"mongodb://ann:s3cr3t@x@{at}/", ""
    yield f"mongodb://ann:s3cr3t:x@{at}/", ""
    yield f"mongodb://ann:s3cr3t?x@{at}/", ""
    yield f"mongodb://ann:s3cr3t%zz@{at}/", ""
    yield f"mongodb://ann:s3cr3t#x@{at}/", ""
    yield f"mongodb://ann:{QUOTED}@localhost:port/", ""
    yield f"mongodb://ann:{QUOTED}@{at}/?tls=perhaps", ""
    yield f"mongodb://ann:{QUOTED}@{at}/?authMechanism=NONE", ""
    yield f"mongodb://ann:{QUOTED}@{at}/?tls=true&tlsCAFile=/nowhere/ca.pem", ""
    yield f"mongodb://ann:{QUOTED}@{at}/?tlsCertificateKeyFilePassword=s3cr3t&tls=false", ""
    yield f"mongodb://ann:{QUOTED}@{at}/?nonsense=1&passphrase=s3cr3t", ""
    yield f"mongodb+srv://ann:{QUOTED}@no-such-host.invalid/", ""
    yield f"postgres://ann:{QUOTED}@localhost/", "must begin with mongodb"
    yield f"mongodb://ann:{QUOTED}@local host/", "no blanks"


def test_no_failure_shows_the_password(external, tmp_path):
    def check(case):
        url, expected = case
        with pytest.raises(Medpix2Error) as caught:  # noqa: SIM117
            with open_store(
                load_settings({"home": tmp_path, "mongo_url": url, "database": "medpix"}, {})
            ):
                pass
        assert expected in str(caught.value)
        assert not has_secret(str(caught.value))
        if not isinstance(caught.value, SettingError):
            assert not has_secret(chain(caught.value))

    with ThreadPoolExecutor(30) as pool:  # most of them wait for a server that is not there
        list(pool.map(check, bad_urls(external)))


def test_a_failing_command_is_one_line_in_time_without_the_password(external, tmp_path, program_of):
    medpix2 = program_of(load_settings({"home": tmp_path / "home", "database": "medpix"}, {}))

    def check(case):
        begun = time.monotonic()
        line = medpix2.failing("find", "--mongo-url", case[0])
        assert time.monotonic() - begun < 60  # it does not hang, on a busy machine either
        assert case[1] in line
        assert not has_secret(line)

    urls = list(bad_urls(external))
    with socket.socket() as silent, ThreadPoolExecutor(7) as pool:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        never = f"mongodb://127.0.0.1:{silent.getsockname()[1]}/"
        chosen = [*urls[:2], urls[4], urls[10], urls[15], urls[17], (never, "cannot be reached")]
        list(pool.map(check, chosen))


def test_the_password_is_not_in_settings_or_store_as_they_are_shown(outside):
    with open_store(outside) as store:
        assert not has_secret(f"{outside!r} {store!r} {outside.server}")


def test_a_database_that_the_user_may_not_read_is_named_with_the_reason(outside):
    other = replace(outside, database="other")
    with pytest.raises(StoreError, match="may read and write this database"), open_store(other):
        pass


def test_an_error_of_the_driver_leaves_as_one_of_ours(fresh_home):
    with pytest.raises(StoreError, match="failed"), open_store(fresh_home):
        raise PyMongoError("something")
    with pytest.raises(KeyError), open_store(fresh_home):
        raise KeyError("ours")


def test_an_empty_database_says_how_to_fill_it(store):
    with pytest.raises(StoreError, match="is empty: fill it with `medpix2 build SOURCE`"):
        store.require_content()


def test_a_build_that_did_not_end_is_named_and_says_what_to_do(fresh_home, source):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        store.db["state"].update_one(
            {"_id": "build"}, {"$set": {"pending": {"first": False, "folding": True}}}
        )
        with pytest.raises(StoreError, match="did not finish: run the same `medpix2 build` again"):
            find(store)
        build(fresh_home, source.write())
        assert find(store).cases == 5


def test_two_commands_may_open_a_new_database_at_once(fresh_home):
    failed = []

    def open_it(settings):
        try:
            with open_store(settings) as store:
                assert store.db["state"].find_one({"_id": "schema"})
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    for at in range(3):
        settings = replace(fresh_home, database=f"{fresh_home.database}_{at}")
        threads = [threading.Thread(target=open_it, args=[settings]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with open_store(settings) as store:
            store.db.client.drop_database(store.db.name)
    assert failed == []


def test_several_databases_stand_in_one_home(fresh_home, source, tmp_path):
    build(fresh_home, source.write())
    other = replace(fresh_home, database=f"{fresh_home.database}_other")
    source.drop("MPX1")
    build(other, source.write())
    with open_store(fresh_home) as one, open_store(other) as two:
        assert (find(one).cases, find(two).cases) == (5, 4)
        backup(two.db, tmp_path / "two.tar.gz")
        two.db.client.drop_database(two.db.name)
        assert find(one).cases == 5


def test_the_embedded_server_serves_a_whole_build(embedded_home, source, facets_agree):
    build(embedded_home, source.write())
    with open_store(embedded_home) as store:
        facets_agree(store)
        assert find(store).images == 9
        assert "embedded in" in store.settings.server


def test_a_disk_with_little_room_can_be_read_but_not_written(embedded_home, source, monkeypatch):
    folder = source.write()
    build(embedded_home, folder)
    stop_server(embedded_home.home, force=True)
    monkeypatch.setattr(checks, "ROOM", 1 << 60)
    with open_store(embedded_home, create=False) as store:
        assert find(store).cases == 5
    with pytest.raises(DiskFull, match=r"Only \d+ MB are free .* to be written"):
        build(embedded_home, folder)


def test_a_new_database_is_not_begun_where_there_is_little_room(embedded_home, monkeypatch):
    monkeypatch.setattr(checks, "ROOM", 1 << 60)
    with pytest.raises(DiskFull, match="MB are free"), open_store(embedded_home, create=False):
        pass
