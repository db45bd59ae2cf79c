from __future__ import annotations

from pathlib import Path
from urllib.parse import quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from medpix2.errors import SettingError
from medpix2.settings import SETTINGS, Settings, load_settings, without_secret


@pytest.fixture
def home(tmp_path) -> Path:
    return tmp_path


def load(home: Path, options=None, environ=None, file: str | bytes | None = None) -> Settings:
    if file is not None:
        content = file if isinstance(file, bytes) else file.encode()
        (home / "settings.toml").write_bytes(content)
    return load_settings({"home": str(home), **(options or {})}, environ or {})


def test_without_anything_the_defaults_hold(home):
    settings = load(home)
    assert settings.home == home
    assert settings.mongo_url is None
    assert settings.database == "Medical_Database"
    assert settings.jobs >= 1
    assert settings.linger == 1.0
    assert settings.server == f"embedded in {home}"


def test_an_option_beats_a_variable_beats_the_file(home):
    file = "jobs = 2\ndatabase = 'of_the_file'\nlinger = 2"
    environ = {"MEDPIX2_JOBS": "3", "MEDPIX2_DATABASE": "of_the_variable"}
    settings = load(home, {"jobs": 4}, environ, file)
    assert (settings.jobs, settings.database, settings.linger) == (4, "of_the_variable", 2.0)


def test_an_option_that_was_not_given_and_an_empty_variable_count_for_nothing(home):
    assert load(home, {"jobs": None}, {"MEDPIX2_JOBS": ""}, "jobs = 5").jobs == 5


def test_the_home_of_a_variable_says_where_the_file_is(home):
    (home / "settings.toml").write_text("jobs = 7")
    assert load_settings({}, {"MEDPIX2_HOME": str(home)}).jobs == 7


def test_the_environment_of_the_process_is_the_default(home, monkeypatch):
    monkeypatch.setenv("MEDPIX2_DATABASE", "of_the_process")
    assert load_settings({"home": home}).database == "of_the_process"


def test_a_home_may_begin_with_the_users_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_settings({"home": "~/data"}, {}).home == tmp_path / "data"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jobs", "0"), ("jobs", "-1"), ("jobs", "many"), ("jobs", "1.5"), ("jobs", "1e3"),
        ("linger", "-1"), ("linger", "nan"), ("linger", "inf"), ("linger", "soon"),
        ("database", "a b"), ("database", "a.b"), ("database", "$x"), ("database", "a/b"),
        ("database", "x" * 39), ("database", "ä"), ("database", "a\n"),
        ("mongo_url", "localhost:27017"), ("mongo_url", "http://host"),
        ("mongo_url", "mongodb://host/a b"),
        ("home", ""), ("home", " "), ("home", "a\0b"), ("home", "~no_such_user_here/x"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_named_with_where_it_stands(name, value, home):
    option = "--" + name.replace("_", "-")
    with pytest.raises(SettingError, match=option):
        load(home, {name: value})
    if value.strip():
        with pytest.raises(SettingError, match=f"MEDPIX2_{name.upper()}"):
            load_settings({}, {"MEDPIX2_HOME": str(home), f"MEDPIX2_{name.upper()}": value})


@pytest.mark.parametrize("file", ["jobs = 0", "jobs = true", "jobs = [1]", "database = 3.5"])
def test_a_bad_value_in_the_file_is_named(file, home):
    with pytest.raises(SettingError, match=r"settings\.toml has the value"):
        load(home, file=file)


def test_an_unknown_key_in_the_file_is_named_with_the_known_ones(home):
    with pytest.raises(
        SettingError, match=r"unknown key 'job'.*use one of .*database, .*jobs"
    ) as caught:
        load(home, file="job = 3")
    assert str(home / "settings.toml") in str(caught.value)


def test_the_file_cannot_move_the_home(home):
    with pytest.raises(SettingError, match="unknown key 'home'"):
        load(home, file="home = '/elsewhere'")


@pytest.mark.parametrize("file", ["jobs = ", b"\xff\xfe", b"database = '\xe9'"])
def test_a_file_that_cannot_be_read_is_named(file, home):
    with pytest.raises(SettingError, match=r"settings\.toml cannot be read"):
        load(home, file=file)


def test_a_folder_in_the_place_of_the_file_is_named(home):
    (home / "settings.toml").mkdir()
    with pytest.raises(SettingError, match=r"settings\.toml cannot be read"):
        load(home)


def test_a_file_with_a_byte_order_mark_is_read(home):
    assert load(home, file=b"\xef\xbb\xbfjobs = 3").jobs == 3


def test_the_table_and_the_settings_have_the_same_names():
    assert [setting.name for setting in SETTINGS] == list(Settings.__dataclass_fields__)
    for setting in SETTINGS:
        assert setting.help.endswith(".")
        assert setting.default_text
        assert setting.variable == f"MEDPIX2_{setting.name.upper()}"


def test_a_password_stands_in_no_message_and_no_repr(home):
    settings = load(home, {"mongo_url": "mongodb://ann:s3cret@db.example/"})
    assert "s3cret" not in repr(settings) + settings.server
    assert settings.server == "mongodb://ann:***@db.example/"
    with pytest.raises(SettingError) as caught:
        load(home, {"mongo_url": "mongo://ann:s3cret@db.example/"})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mongodb://db.example:27017", "mongodb://db.example:27017"),
        ("mongodb://ann@db.example", "mongodb://ann@db.example"),
        ("mongodb://ann:pw@db.example/x", "mongodb://ann:***@db.example/x"),
        ("mongodb+srv://ann:pw@db.example", "mongodb+srv://ann:***@db.example"),
        ("mongodb://ann:@db.example", "mongodb://ann:***@db.example"),
        ("mongodb://ann:p%40w%3A%2F@db.example", "mongodb://ann:***@db.example"),
        ("mongodb://ann:pw@a:1,b:2,[::1]:3/x?w=1", "mongodb://ann:***@a:1,b:2,[::1]:3/x?w=1"),
        ("mongodb://%2Ftmp%2Fmongodb.sock", "mongodb://%2Ftmp%2Fmongodb.sock"),
        (
            "mongodb://h/?tls=true&tlsCertificateKeyFilePassword=pw&w=1",
            "mongodb://h/?tls=true&tlsCertificateKeyFilePassword=***&w=1",
        ),
        (
            "mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:pw;authSource=x",
            "mongodb://h/?authMechanismProperties=***",
        ),
        ("mongodb://h/?a=b;PROXYPASSWORD=pw", "mongodb://h/?a=b;PROXYPASSWORD=***"),
        # Not as it should be: nobody can tell where such a password ends.
        ("mongodb://ann:p@pw@db.example", "mongodb://ann:***"),
        ("mongodb://ann:12/pw@db.example", "mongodb://ann:***"),
        ("mongodb://ann:12?pw=1@db.example", "mongodb://ann:***"),
        ("mongodb://ann@example.org:pw@db.example", "mongodb://ann:***"),
        ("mongodb://ann:p pw@db.example", "mongodb://ann:***"),
        ("mongodb://ann:pw", "mongodb://ann:***"),
    ],
)  # fmt: skip
def test_urls_are_shown_without_their_secrets(url, shown):
    assert without_secret(url) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "medpix2 find --mongo-url mongodb://ann:pw@h:1 --jobs 2",
            "medpix2 find --mongo-url mongodb://ann:***@h:1 --jobs 2",
        ),
        ("--mongo-url='mongodb://ann:pw@h/?w=1' x", "--mongo-url='mongodb://ann:***@h/?w=1' x"),
        ("from mongodb://a:pw@h to mongodb://b:pw@h", "from mongodb://a:***@h to mongodb://b:***@h"),
        ("mongodb://ann:pw@h:27017: refused", "mongodb://ann:***@h:27017: refused"),
        ("no URL in here: a@b", "no URL in here: a@b"),
    ],
)  # fmt: skip
def test_urls_within_a_text_are_shown_without_their_secrets(text, shown):
    assert without_secret(text) == shown


passwords = st.text(st.characters(min_codepoint=33), min_size=1).map(
    lambda text: f"s3Cret{text}s3Cret"
)


@given(passwords, st.sampled_from(["ann", "", "ann@example.org", "a%40b"]), st.booleans())
@example("s3Cret@s3Cret", "ann", False)
@example("s3Cret:/?#[]@s3Cret", "ann", True)
def test_no_password_is_ever_shown(password, user, encoded):
    shown = quote_plus(password, errors="surrogatepass") if encoded else password
    url = f"mongodb://{user}:{shown}@db.example:27017/x?authSource=admin"
    assert "s3Cret" not in without_secret(url)


@given(passwords.filter(lambda text: "&" not in text))
def test_no_secret_option_is_ever_shown(value):
    url = f"mongodb://ann@db.example:27017/x?tlsCertificateKeyFilePassword={value}&w=1"
    assert "s3Cret" not in without_secret(url)


@given(st.text())
def test_a_text_without_an_url_stays_as_it_is(text):
    if "mongodb" not in text.lower():
        assert without_secret(text) == text
