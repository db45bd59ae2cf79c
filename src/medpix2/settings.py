"""The settings: one table, read from file < `MEDPIX2_*` variables < options of a command.

Nothing is read at import. The file is `settings.toml` in the home folder.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from medpix2.errors import SettingError

DEFAULT_DATABASE = "Medical_Database"
IMAGE_URLS = (
    "https://medpix.nlm.nih.gov/images/full",
    "https://d168r5mdg5gtkq.cloudfront.net/medpix/img/full",
)


def default_home() -> Path:
    """Return the home folder that is used when none is named."""
    import platformdirs

    return Path(platformdirs.user_data_dir("medpix2"))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _path(text: str) -> Path:
    if not text.strip() or "\0" in text:
        raise ValueError("must name a folder")
    return Path(text).expanduser().absolute()


def _positive(text: str) -> int:
    if not text.strip().isdecimal():
        raise ValueError("must be a whole number")
    number = int(text)
    if number < 1:
        raise ValueError("must be 1 or more")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number < 1e9:
        raise ValueError("must be 0 or more seconds")
    return number


def _database(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,38}", text):
        raise ValueError("letters, digits, _ and - only, at most 38")
    return text


def _mongo_url(text: str) -> str:
    if not text.startswith(("mongodb://", "mongodb+srv://")):
        raise ValueError("must begin with mongodb:// or mongodb+srv://")
    if re.search(r"\s", text):
        raise ValueError("must have no blanks: write them as %20")
    return text


def _web_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text):
        raise ValueError("must begin with http:// or https:// and name a host")
    return text.rstrip("/")


def _web_urls(text: str) -> tuple[str, ...]:
    return tuple(_web_url(part.strip()) for part in text.split(","))


def _one_line(text: str) -> str:
    if not text.isprintable() or not text.isascii():
        raise ValueError("must be one line of ASCII")
    return text.strip()


@dataclass(frozen=True)
class Setting:
    """One row of the table of settings."""

    name: str
    parse: Callable[[str], object]
    default: Callable[[], object]
    help: str
    default_text: str
    secret: bool = False
    part: str = ""  # commands of one part alone have its option; "" for all

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"MEDPIX2_{self.name.upper()}"

    @property
    def option(self) -> str:
        """The option that sets it."""
        return "--" + self.name.replace("_", "-")


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "home", _path, default_home,
        "Folder of the database, its pictures and the settings file.",
        "the platform's user data folder",
    ),
    Setting(
        "mongo_url", _mongo_url, lambda: None,
        "MongoDB server to use instead of the embedded one.",
        "the embedded server", secret=True,
    ),
    Setting(
        "database", _database, lambda: DEFAULT_DATABASE,
        "Name of the database on the server.",
        DEFAULT_DATABASE,
    ),
    Setting(
        "jobs", _positive, _cores,
        "Cores to use for pictures.",
        "all cores",
    ),
    Setting(
        "linger", _seconds, lambda: 1.0,
        "Seconds that the embedded server waits for a next command before it stops.",
        "1",
    ),
    Setting(
        "openi_url", _web_url, lambda: "https://openi.nlm.nih.gov",
        "Address of Open-i.", "https://openi.nlm.nih.gov", part="crawl",
    ),
    Setting(
        "medpix_url", _web_url, lambda: "https://medpix.nlm.nih.gov",
        "Address of MedPix.", "https://medpix.nlm.nih.gov", part="crawl",
    ),
    Setting(
        "image_urls", _web_urls, lambda: IMAGE_URLS,
        "Addresses of MedPix's full-size pictures, tried in order, with commas between.",
        "MedPix, then the host that its pictures moved to in 2024", part="crawl",
    ),
    Setting(
        "delay", _seconds, lambda: 1.0,
        "Seconds between two requests to one site, on average.", "1", part="crawl",
    ),
    Setting(
        "at_once", _positive, lambda: 1,
        "Requests to one site at a time.", "1", part="crawl",
    ),
    Setting(
        "contact", _one_line, lambda: "",
        "E-mail or web address of yours, told to the sites in the User-Agent.", "none",
        part="crawl",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The settings of one run; made by `load_settings`."""

    home: Path
    mongo_url: str | None = field(repr=False)  # it may hold a password
    database: str
    jobs: int
    linger: float
    openi_url: str
    medpix_url: str
    image_urls: tuple[str, ...]
    delay: float
    at_once: int
    contact: str

    @property
    def server(self) -> str:
        """The server in words fit to be shown: an URL never shows its password."""
        return without_secret(self.mongo_url) if self.mongo_url else f"embedded in {self.home}"


def load_settings(
    options: Mapping[str, object | None], environ: Mapping[str, str] | None = None
) -> Settings:
    """Join the three sources of settings: options over variables over the home's file.

    Parameters
    ----------
    options
        Setting name to value as given on the command line; None means not given.
    environ
        The environment, by default that of the process.

    Raises
    ------
    SettingError
        A value cannot be used, or the file has an unknown key or cannot be read.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, object] = {}
    in_file: dict[str, object] = {}
    for setting in SETTINGS:  # `home` is first: it says where the file is
        given = options.get(setting.name)
        if given is not None:
            values[setting.name] = _parsed(setting, str(given), setting.option)
        elif environ.get(setting.variable):
            values[setting.name] = _parsed(setting, environ[setting.variable], setting.variable)
        elif setting.name in in_file:
            values[setting.name] = _parsed(setting, str(in_file[setting.name]), "settings.toml")
        else:
            values[setting.name] = setting.default()
        if setting.name == "home":
            in_file = _read_file(Path(str(values["home"])) / "settings.toml")
    return Settings(**values)  # type: ignore[arg-type]  # the table's types are the fields' types


# A MongoDB URL as it should be: reserved characters of user and password are percent-encoded.
_URL = r"""(?ix)
    (?P<start> mongodb(?:\+srv)?:// (?: [^\s:/?\#\[\]@]* (?P<password> : [^\s:/?\#\[\]@]* )? @ )? )
    (?P<rest>
        HOST (?: , HOST )*
        (?: / [^\s/?@]* )?
        (?: \? [^\s@]* )?
    )
    (?= ['")\];,.:]* (?: \s | $ ) )
""".replace("HOST", r"(?: \[[0-9a-f:.]+\] | [^\s:/?\#\[\]@,'\"]+ ) (?: :\d* )?")
# Any other is shown up to its user: where such a password ends, nobody can tell.
_SECRETS = re.compile(_URL + r" | (?P<odd> mongodb(?:\+srv)?:// [^\s:/?\#\[\]@]* ) (?s: .* )")
_SECRET_OPTION = re.compile(r"(?i)([?&;][^=&;\s]*(?:pass|token|secret|propert)[^=&;\s]*=)[^&]*")


def without_secret(text: str) -> str:
    """Return a MongoDB URL, or a text with such URLs, fit to be shown.

    The user's password and the value of every option that may be secret are hidden.

    >>> without_secret("mongodb://ann:pw@db.example:27017/?authSource=admin")
    'mongodb://ann:***@db.example:27017/?authSource=admin'
    """
    shown = _SECRETS.sub(_hidden, text)
    # A secret value with a blank in it goes on behind what looks like the end of the URL.
    return _SECRET_OPTION.sub(r"\1***", shown) if _SECRETS.search(text) else text


def _hidden(found: re.Match[str]) -> str:
    if found["odd"]:
        return f"{found['odd']}:***"
    start = found["start"]
    if found["password"]:
        start = start[: -len(found["password"]) - 1] + ":***@"
    return start + str(found["rest"])


def _parsed(setting: Setting, text: str, where: str) -> object:
    try:
        return setting.parse(text)
    except (ValueError, RuntimeError) as error:
        shown = "(hidden)" if setting.secret else repr(text)
        raise SettingError(f"{where} has the value {shown}", f"{setting.help} {error}") from None


def _read_file(path: Path) -> dict[str, object]:
    try:
        found = tomllib.loads(path.read_text("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"Settings file {path} cannot be read", f"mend it ({error})") from None
    known = {setting.name for setting in SETTINGS} - {"home"}
    for name in found:
        if name not in known:
            raise SettingError(
                f"Settings file {path} has the unknown key {name!r}",
                f"use one of {', '.join(sorted(known))}",
            )
    return found
