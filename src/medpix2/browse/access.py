"""Who may ask the application, and over which names and proxies."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from medpix2.errors import SettingError

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
RATE = 100.0  # requests a second of one address; a page of results with its pictures has 30


@dataclass(frozen=True)
class Access:
    """Who may ask, and how.

    Attributes
    ----------
    hosts
        Names that a request may ask for, without the port.
    log_in
        Whether one must log in.
    https
        Whether browsers come over HTTPS, so that cookies need it.
    root_path
        Path that a proxy serves the application under, "" for the root.
    trusted
        Addresses of proxies whose `X-Forwarded-*` headers are believed.
    rate
        Requests a second of one address, 0 for any number.
    """

    hosts: tuple[str, ...] = LOCAL_HOSTS
    log_in: bool = False
    https: bool = False
    root_path: str = ""
    trusted: tuple[str, ...] = ()
    rate: float = 0.0


def access_for(
    address: str,
    *,
    names: Sequence[str] = (),
    https: bool = False,
    root_path: str = "",
    trusted: Sequence[str] = (),
) -> Access:
    """Return who may ask an application that listens on an address.

    Only what listens on the loopback address, and is not said to be reached from elsewhere, needs
    no log-in.

    Raises
    ------
    SettingError
        A value cannot be used, or an address for all networks comes without a name.
    """
    found = _address("--host", address)
    for proxy in trusted:
        _address("--trust-proxy", proxy)
    if root_path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", root_path):
        raise SettingError(f"--root-path has the value {root_path!r}", "write it like /medpix2")
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]", name):
            raise SettingError(
                f"--host-name has the value {name!r}", "give the name alone, without port"
            )
    if found.is_unspecified and not names:
        raise SettingError(
            f"--host {address} listens on all networks", "name what browsers ask for: --host-name"
        )
    own = f"[{found}]" if found.version == 6 else str(found)
    reached = bool(names or trusted or https or not found.is_loopback)
    return Access(
        hosts=tuple(dict.fromkeys((*LOCAL_HOSTS, *names, own))),
        log_in=reached,
        https=https,
        root_path=root_path,
        trusted=tuple(trusted),
        rate=RATE if reached else 0.0,
    )


def _address(option: str, text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address("127.0.0.1" if text == "localhost" else text)
    except ValueError:
        raise SettingError(f"{option} has the value {text!r}", "give an IP address") from None
