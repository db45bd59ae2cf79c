"""Every error that a user can cause or meet, as one tree.

Medpix2Error
|-- SettingError            a setting has a value that cannot be used
|-- SourceError             a source cannot be read
|   |-- UnsafeArchive       an archive entry would leave its folder, or is a bomb
|   `-- ProblemsFound       `--strict` met problems
|-- LookFailed              something could not be measured in one picture
|-- OutputError             something cannot be written where the user asked
|-- DiskFull                no room on a disk: for the database, a source or its pictures
|-- QueryError              a question that cannot be asked (bad filter, bad range)
|-- NotFound                no case or image has this id
|-- MissingPackage          a package that only some work needs is not installed
|-- DecidedMeanwhile        what somebody decides on is no longer as it was shown
|-- ReleaseError            a release cannot be made or read
|-- AccountError            a user, role or password that cannot be used
|-- AccessError             who asks the web application may not have it
|   |-- NotLoggedIn         nobody has logged in
|   `-- TooOften            too many requests or log-ins in a short time
`-- StoreError              the database cannot be used
    |-- SchemaTooNew        made by a newer medpix2
    |-- StoreBusy           another command is writing
    |-- ServerGone          the server cannot be reached, or went away
    `-- ServerError         the embedded server cannot run
        |-- NoServer        no mongod can be found for this machine
        |-- MissingLibrary  mongod needs a system library that is not there
        |-- PortTaken       the asked port is in use
        |-- NotWritable     the folder cannot be written
        |-- OtherVersion    the data were written by another version of the server
        `-- ServerInUse     somebody still uses the server

A message has three parts: what failed and on what (`failed`), and what to do (`todo`).
"""

from __future__ import annotations

from collections.abc import Sequence


class Medpix2Error(Exception):
    """Base of all errors of medpix2.

    Parameters
    ----------
    failed
        What failed, and on what.
    todo
        What the user can do about it.
    """

    def __init__(self, failed: str, todo: str) -> None:
        super().__init__(failed, todo)
        self.failed = failed
        self.todo = todo

    def __str__(self) -> str:
        return f"{self.failed}: {self.todo}"


class SettingError(Medpix2Error, ValueError):
    """A setting has a value that cannot be used."""


class SourceError(Medpix2Error):
    """A source cannot be read."""


class UnsafeArchive(SourceError):
    """An archive has an entry that would leave its folder, or grows beyond reason."""


class ProblemsFound(SourceError):
    """A strict build met problems; `problems` has them."""

    def __init__(self, failed: str, todo: str, problems: Sequence[object] = ()) -> None:
        super().__init__(failed, todo)
        self.problems = problems


class LookFailed(Medpix2Error):
    """Something could not be measured in one picture; its other checks are not touched."""


class OutputError(Medpix2Error, OSError):
    """Something cannot be written where the user asked."""


class DiskFull(Medpix2Error):
    """There is no room on a disk: for the database, a source or its pictures."""


class QueryError(Medpix2Error, ValueError):
    """A question that cannot be asked."""


class NotFound(Medpix2Error, LookupError):
    """No case or image has this id."""


class MissingPackage(Medpix2Error, ImportError):
    """A package that only some work needs is not installed."""


class DecidedMeanwhile(Medpix2Error):
    """What somebody decides on is no longer as it was shown; `decisions` came since, if any."""

    def __init__(self, failed: str, todo: str, decisions: Sequence[object] = ()) -> None:
        super().__init__(failed, todo)
        self.decisions = decisions


class ReleaseError(Medpix2Error):
    """A release cannot be made or read."""


class AccountError(Medpix2Error, ValueError):
    """A user, role or password that cannot be used."""


class AccessError(Medpix2Error):
    """Who asks the web application may not have it."""


class NotLoggedIn(AccessError):
    """Nobody has logged in."""


class TooOften(AccessError):
    """Too many requests or log-ins in a short time."""


class StoreError(Medpix2Error):
    """The database cannot be used."""


class SchemaTooNew(StoreError):
    """The database was made by a newer medpix2."""


class StoreBusy(StoreError):
    """Another command is writing to this database."""


class ServerGone(StoreError):
    """The server cannot be reached, or went away."""


class ServerError(StoreError):
    """The embedded server cannot run."""


class NoServer(ServerError):
    """No mongod can be found for this machine."""


class MissingLibrary(ServerError):
    """The mongod binary needs a system library that is not there."""


class PortTaken(ServerError):
    """The port asked for is in use by another program."""


class NotWritable(ServerError):
    """The folder of the database cannot be written."""


class OtherVersion(ServerError):
    """The data were written by another version of the server."""


class ServerInUse(ServerError):
    """Somebody still uses the embedded server."""
