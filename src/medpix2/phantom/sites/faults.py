"""What goes wrong on request: how often, and at which ask of which address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from medpix2.errors import SettingError
from medpix2.phantom.sites.chance import share

ALL = "all"
KINDS: dict[str, str] = {
    "429": "too many requests, with Retry-After",
    "500": "an error page",
    "503": "out of service, half of the time with Retry-After",
    "timeout": "no answer for --hang seconds",
    "reset": "the connection is cut in mid-body",
    "truncated": "a picture that is cut, though its length is as announced",
    "content-type": "status 200 with an error page or a wrong type",
    "malformed": "JSON or XML that breaks off",
    "slow": "an answer that takes --slow seconds",
    "redirect-loop": "a redirection that leads in a circle",
    "robots": "a robots.txt that forbids /rest/topic.json",
    "changed": "share of cases that change from one --generation to the next",
}
"""Every kind of fault and what it is."""
LASTING = frozenset({"robots", "changed"})  # not mended by asking again
_ONLY_FOR = {"truncated": frozenset({"picture", "full"})}
_NOT_FOR = {"malformed": frozenset({"picture", "full", "people", "other"})}
_ANSWERED = 4  # each so manyth ask of an address is answered, so that a client gets through


@dataclass(frozen=True)
class Faults:
    """The rate of each kind of fault, and the numbers that go with them.

    Attributes
    ----------
    rates
        Kind of fault to its share of the asks that it can befall.
    seed
        Decides which asks those are.
    retry_after, hang, slow
        Seconds: to wait after a 429 or 503, until a time-out's answer, until a slow answer.
    """

    rates: Mapping[str, float] = field(default_factory=dict)
    seed: int = 1
    retry_after: int = 1
    hang: float = 90.0
    slow: float = 2.0

    def of(self, address: str, ask: int, kind: str) -> str | None:
        """Return the fault of the `ask`th ask of an address (from 1), None for none.

        `kind` is what the address gives: search, encounter, picture, robots, ...
        """
        if kind == "robots":
            forbids = share(self.seed, address, ask, "robots") < self.rates.get("robots", 0)
            return "robots" if forbids else None
        rates = {name: rate for name, rate in self.rates.items() if _befalls(name, kind)}
        total = sum(rates.values())
        if not total or (ask % _ANSWERED == 0 and total < 1):
            return None
        drawn = share(self.seed, address, ask, "fault")
        for name, rate in rates.items():
            drawn -= rate
            if drawn < 0:
                return name
        return None


def read_rates(text: str) -> dict[str, float]:
    """Return the rates that an option names, e.g. '429=0.02,truncated=0.1'.

    `all=0.02` gives each kind that a retry mends this rate.

    Raises
    ------
    SettingError
        An unknown kind, a rate that is no share, or rates that are more than 1 together.
    """
    rates: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = part.partition("=")
        if name not in KINDS and name != ALL:
            raise SettingError(
                f"--faults has the unknown kind {name!r}", f"use {', '.join(KINDS)} or {ALL}"
            )
        rate = _share_of(name, number)
        every = [kind for kind in KINDS if kind not in LASTING] if name == ALL else [name]
        rates |= dict.fromkeys(every, rate)
    total = sum(rate for name, rate in rates.items() if name not in LASTING)
    if total > 1:
        raise SettingError(
            f"--faults has rates of {total:g} together", "they are shares of all asks: at most 1"
        )
    return rates


def _share_of(name: str, number: str) -> float:
    try:
        rate = float(number)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise SettingError(
            f"--faults has the rate {number!r} for {name}", "give a share from 0 to 1"
        )
    return rate


def _befalls(name: str, kind: str) -> bool:
    if name in LASTING or kind in _NOT_FOR.get(name, ()):
        return False
    return name not in _ONLY_FOR or kind in _ONLY_FOR[name]
