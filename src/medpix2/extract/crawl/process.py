"""Run the crawl in a process of its own, and hear how far it is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medpix2 import __version__, errors
from medpix2.errors import Medpix2Error, SourceError
from medpix2.extract.crawl.plan import Plan

PATIENCE = 5.0  # seconds that an interrupted crawl gets to end what it has begun


@dataclass(frozen=True)
class Manners:
    """How the sites are asked.

    Attributes
    ----------
    delay
        Seconds between two requests to one host, on average.
    at_once
        Requests to one host at a time.
    contact
        E-mail or web address of whoever crawls, for the User-Agent; empty for none.
    timeout
        Seconds to wait for an answer.
    """

    delay: float = 1.0
    at_once: int = 1
    contact: str = ""
    timeout: float = 60.0

    @property
    def user_agent(self) -> str:
        """The honest name under which the sites are asked."""
        contact = f"; {self.contact}" if self.contact else ""
        return f"medpix2/{__version__} (research data set builder{contact})"

    def scrapy(self) -> dict[str, Any]:
        """Return these manners as settings of Scrapy."""
        here = "medpix2.extract.crawl"
        own = "scrapy.downloadermiddlewares"
        return {
            "USER_AGENT": self.user_agent,
            "ROBOTSTXT_OBEY": True,
            "ROBOTSTXT_USER_AGENT": "medpix2",
            "DOWNLOAD_DELAY": self.delay,
            "DOWNLOAD_TIMEOUT": self.timeout,
            "AUTOTHROTTLE_ENABLED": self.delay > 0,
            "AUTOTHROTTLE_START_DELAY": self.delay,
            "AUTOTHROTTLE_TARGET_CONCURRENCY": float(self.at_once),
            "CONCURRENT_REQUESTS": 4 * self.at_once + 4,
            "CONCURRENT_REQUESTS_PER_DOMAIN": self.at_once,
            "CONCURRENT_ITEMS": 1,  # Scrapy makes so many tasks an answer; ours yield none
            "SCHEDULER": f"{here}.scheduler.SnapshotScheduler",
            "DOWNLOADER_MIDDLEWARES": {
                f"{here}.patience.Patience": 550,
                f"{own}.redirect.RedirectMiddleware": 500,  # behind ours, which sees it first
                f"{own}.retry.RetryMiddleware": None,
            },
            "REDIRECT_MAX_TIMES": 3,
            "METAREFRESH_ENABLED": False,
            "COOKIES_ENABLED": False,
            "HTTPERROR_ALLOW_ALL": True,
            "DOWNLOAD_MAXSIZE": 256 << 20,
            "DOWNLOAD_WARNSIZE": 0,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_ENABLED": False,
        }


@dataclass(frozen=True)
class State:
    """How far a crawl is.

    Attributes
    ----------
    done, wanted
        Kind (page, encounter, topic, image, picture) to answers had, and to what is still to be
        asked as far as is known.
    records
        Records (pictures) of the listings that have begun.
    faults, failed
        Kind of fault to its number, and to the addresses that were given up for this time.
    left, finished, silent
        At the end: what is still wanted, whether the crawl ended by itself, hosts that are down.
    """

    done: Mapping[str, int] = field(default_factory=dict)
    wanted: Mapping[str, int] = field(default_factory=dict)
    records: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)
    left: int = 0
    finished: bool = False
    silent: tuple[str, ...] = ()


def in_words(counts: Mapping[str, int]) -> str:
    """Return counts by kind (`State.faults`, `State.failed`) as a text; "" for none.

    >>> in_words({"timeout": 2, "429": 1})
    '429 1, timeout 2'
    """
    return ", ".join(f"{kind} {number}" for kind, number in sorted(counts.items()))


def crawl(
    folder: Path,
    plan: Plan,
    manners: Manners,
    watch: Callable[[State], None] = lambda state: None,
    *,
    withdrawn: Collection[str] = (),
) -> State:
    """Crawl into a snapshot, going on with a crawl that did not end; return how it ended.

    What has one of the names in `withdrawn` is neither kept nor asked for.

    Raises
    ------
    SourceError
        The sites refuse, or the snapshot is in use or damaged.
    OutputError
        The snapshot cannot be written.
    """
    job = {"folder": str(folder.absolute()), "plan": plan.options(), "settings": manners.scrapy()}
    job["withdrawn"] = sorted(withdrawn)
    with subprocess.Popen(
        [sys.executable, "-m", "medpix2.extract.crawl"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        process_group=0,  # Ctrl-C is for us, who then close its input
    ) as process:  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                said = json.loads(line)
                event = said.pop("event")
                if event == "error":
                    raise _error(**said)
                state = State(**{**said, "silent": tuple(said.get("silent", ()))})
                watch(state)
                if event == "end":
                    return state
        except BrokenPipeError:
            pass  # it has died before it read its job
        finally:
            _let_end(process)
    raise SourceError(
        "The process that crawls has died", "run the same command again: it goes on where it was"
    )


def _let_end(process: subprocess.Popen[str]) -> None:
    """Close its input, which ends it; it keeps what it has begun to ask."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()  # a snapshot survives that
    except BaseException:
        process.kill()
        raise


def _error(failed: str, todo: str, kind: str) -> Medpix2Error:
    made: type[Medpix2Error] = getattr(errors, kind, SourceError)
    return made(failed, todo)
