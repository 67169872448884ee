"""Addresses that a link may lead to. Whatever is not plainly a page on an allowed host is refused.

Browsers read addresses more generously than the standard does (a backslash for a slash, spaces and line ends left
out, other alphabets' dots), and each such difference is a way out to a host that is not on the list. So an address is
read by its letters here: what does not match whole is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

LONGEST = 2_000
"""Characters of an address."""
MAX_HOSTS = 50
"""Hosts on one program's list."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?"
_LOCAL = r"(?:localhost|127\.0\.0\.1)"
_PORT = r"(?::[1-9][0-9]{0,4})?"
_LETTERS = r"[!#-;=?-\[\]_a-z~]*"
_REST = rf"(?:[/?#]{_LETTERS})?"
_ADDRESS = re.compile(
    rf"(?:(https)://((?:{_NAME}){_PORT})|(http)://({_LOCAL}{_PORT}))({_REST})", re.IGNORECASE | re.ASCII
)
_PATH = re.compile(rf"/(?!/){_LETTERS}", re.IGNORECASE | re.ASCII)
_HOST = re.compile(rf"(?:\*\.)?{_NAME}{_PORT}|{_LOCAL}{_PORT}", re.ASCII)


class Address(NamedTuple):
    """An address in its parts. `host` is in lower case, with its port where that is not the scheme's own; `rest` is the
    path, query and fragment, empty or beginning with one of `/?#`."""

    scheme: str
    host: str
    rest: str

    @property
    def text(self) -> str:
        """The address as it is sent."""
        return f"{self.scheme}://{self.host}{self.rest}"


def read(text: str) -> Address | None:
    """The parts of an address: https on a named host, or http on this very machine. None for all else: other schemes,
    a user or password, numbers for a host, backslashes, spaces, letters that are not ASCII."""
    found = _ADDRESS.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        return None
    scheme = found[1] or found[3]
    host = (found[2] or found[4]).lower()
    name, _, port = host.partition(":")
    if port and int(port) > 65_535:
        return None
    return Address(scheme.lower(), name if port == "443" and found[1] else host, found[5])


def is_host(text: str) -> bool:
    """Whether that can stand on a list of hosts: a name in lower case, perhaps with a port, or `*.` and a name for all
    below it."""
    return len(text) <= 260 and _HOST.fullmatch(text) is not None


def within(text: str, home: Address, hosts: Iterable[str]) -> Address | None:
    """Where a link that asks for `text` leads: a path of `home`'s host, or an address on its host or a listed one.
    None where that is nowhere we lead to."""
    if _PATH.fullmatch(text):
        return read(f"{home.scheme}://{home.host}{text}")
    asked = read(text)
    if asked is None:
        return None
    if (asked.scheme, asked.host) == (home.scheme, home.host):
        return asked
    return asked if any(_is_of(asked, host) for host in hosts) else None


def _is_of(asked: Address, host: str) -> bool:
    return asked.host.endswith(host[1:]) if host.startswith("*.") else asked.host == host


def with_values(address: Address, values: Sequence[tuple[str, str]]) -> str:
    """The address with these names and values (both as they are sent) at the end of its query, instead of any it had
    under the names."""
    head, mark, fragment = address.rest.partition("#")
    path, _, query = head.partition("?")
    names = {name for name, _ in values}
    kept = [part for part in query.split("&") if part and part.partition("=")[0] not in names]
    query = "&".join(kept + [f"{name}={value}" for name, value in values])
    return f"{address.scheme}://{address.host}{path or '/'}{'?' if query else ''}{query}{mark}{fragment}"
