"""Where the embedded server of a home keeps its files, and making these folders safely."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from medpix2.errors import DiskFull, NotWritable

SOCKET_NAME = "mongodb-27017.sock"  # whatever the port: joiners must know the name
SOCKET_LIMIT = 103  # bytes; 107 on Linux, 103 on macOS
PLAIN = re.compile(r"[\w./ +-]*")
OTHER_HOME = "make room or rights there, or name another folder with --home"


@dataclass(frozen=True)
class Places:
    """The paths of one home; made by `places_of`."""

    home: Path

    @property
    def db(self) -> Path:
        """mongod's data."""
        return self.home / "db"

    @property
    def stamp(self) -> Path:
        """Which version wrote the data."""
        return self.db / "medpix2-server.json"

    @property
    def run(self) -> Path:
        """What only matters while a server runs, for nobody but its owner."""
        return self.home / "run"

    @property
    def gate(self) -> Path:
        """Held by whoever changes anything."""
        return self.run / "gate.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper."""
        return self.run / "keeper.lock"

    @property
    def users(self) -> Path:
        """One file a user, held by that user."""
        return self.run / "users"

    @property
    def record(self) -> Path:
        """What runs."""
        return self.run / "server.json"

    @property
    def log(self) -> Path:
        """mongod's log."""
        return self.home / "logs" / "mongod.log"

    @property
    def out(self) -> Path:
        """What mongod and the keeper print, such as a loader's complaint."""
        return self.home / "logs" / "mongod.out"

    @property
    def socket(self) -> Path:
        """The socket that mongod listens on."""
        return socket_folder(self.run) / SOCKET_NAME


def places_of(home: Path) -> Places:
    """Return the places of a home, the same by whichever way it is named."""
    return Places(Path(os.path.realpath(home.expanduser())))


def socket_folder(run: Path) -> Path:
    """Return `run`, or a folder named after it where a socket in `run` cannot be named.

    A socket's path is limited in length, and mongod and pymongo give a meaning to some signs.
    """
    if _fits(run):
        return run
    # Not $XDG_RUNTIME_DIR: a cron job of the same user has none and would look elsewhere.
    digest = hashlib.sha256(os.fsencode(run)).hexdigest()[:16]
    name = f"medpix2-{os.geteuid()}-{digest}"
    temp = Path(tempfile.gettempdir(), name)
    return temp if _fits(temp) else Path("/tmp", name)


def prepare(places: Places) -> None:
    """Make the folders of a home, those with sockets and locks for its owner alone.

    Raises
    ------
    NotWritable, DiskFull
        A folder cannot be made or written.
    """
    for folder in (places.home, places.db, places.log.parent, places.users):
        try:
            folder.mkdir(
                mode=0o777 if folder == places.home else 0o700, parents=True, exist_ok=True
            )
        except OSError as error:
            raise cannot_write(folder, error) from None
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise cannot_write(folder, PermissionError(errno.EACCES, "Permission denied"))
    make_private(places.run)


def cannot_write(path: Path, error: OSError) -> DiskFull | NotWritable:
    """Return the error for a path that cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"No room to write {path}", OTHER_HOME)
    why = (error.strerror or str(error)).lower()
    return NotWritable(f"Folder {path} cannot be written ({why})", OTHER_HOME)


def make_private(folder: Path) -> None:
    """Make a folder that only we can enter, or see that it is one.

    Raises
    ------
    NotWritable, DiskFull
        It cannot be made, or is another user's.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        # In a temp folder that all may write to, somebody else may have made it first.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise NotWritable(
                f"Folder {folder} belongs to another user (uid {found.st_uid})",
                "have it removed, or name another folder with --home",
            )
        if stat.S_IMODE(found.st_mode) != 0o700:
            folder.chmod(0o700)
    except OSError as error:
        raise cannot_write(folder, error) from None


def _fits(folder: Path) -> bool:
    path = str(folder / SOCKET_NAME)
    return PLAIN.fullmatch(path) is not None and len(os.fsencode(path)) <= SOCKET_LIMIT
