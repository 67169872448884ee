"""Where a link may lead: never to a host that nobody listed."""

from __future__ import annotations

import pytest

from goodword.domain import destinations
from goodword.domain.destinations import Address

HOME = Address("https", "www.example.com", "/welcome")
HOSTS = ["shop.example.com", "*.example.org", "localhost:3000"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://www.example.com", ("https", "www.example.com", "")),
        ("https://www.example.com/", ("https", "www.example.com", "/")),
        ("HTTPS://WWW.Example.COM:443/A?b=c#d", ("https", "www.example.com", "/A?b=c#d")),
        ("https://www.example.com:8443/a", ("https", "www.example.com:8443", "/a")),
        ("https://www.example.com?a=b@c", ("https", "www.example.com", "?a=b@c")),
        ("https://xn--bcher-kva.example/%C3%A5", ("https", "xn--bcher-kva.example", "/%C3%A5")),
        ("http://localhost:3000/x", ("http", "localhost:3000", "/x")),
        ("http://127.0.0.1", ("http", "127.0.0.1", "")),
    ],
)
def test_an_address_is_read(text: str, found: tuple[str, str, str]) -> None:
    assert destinations.read(text) == Address(*found)


BAD = [
    "", "www.example.com", "//www.example.com", "/a", "https:/www.example.com", "https:www.example.com",
    "https:///www.example.com", "http://www.example.com", "ftp://www.example.com", "javascript:alert(1)",
    "JavaScript://www.example.com/%0aalert(1)", "data:text/html,x", "https://user@www.example.com",
    "https://www.example.com@evil.net", "https://www.example.com:pw@evil.net/", "https://evil.net\\@www.example.com",
    "https://evil.net\\.www.example.com", "https:\\\\www.example.com", "https://www.example.com\\@evil.net",
    "https://www.example.com .evil.net", " https://www.example.com", "https://www.example.com ",
    "https://www.example.com\n", "https://www.example.com/\r\nSet-Cookie: a=b", "https://www.exa\tmple.com",
    "https://www.example.com/\x00", "https://www.example.com/å", "https://www.exämple.com", "https://www。example。com",
    "https://www.example.com.", "https://.example.com", "https://www..example.com", "https://-a.example.com",
    "https://example", "https://1.2.3.4", "https://0x7f.1", "https://2130706433", "https://[::1]/",
    "https://a_b.example",
    "https://www.example.com:0", "https://www.example.com:99999", "https://www.example.com:",
    "https://www.example.com:4 4",
    "https://www.example.com/<script>", 'https://www.example.com/"', "https://www.example.com/{x}",
    "https://www.example.com/|", "https://www.example.com/^", "https://www.example.com/`", "http://localhost.evil.net",
    "http://127.0.0.1.evil.net", "http://127.0.0.2", "https://" + "a" * 64 + ".com",
    "https://www.example.com/" + "a" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_whatever_is_not_plainly_an_address_is_none(text: str) -> None:
    assert destinations.read(text) is None
    assert text == "/a" or destinations.within(text, HOME, HOSTS) is None


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/pricing?a=b#c", "https://www.example.com/pricing?a=b#c"),
        ("/", "https://www.example.com/"),
        ("https://www.example.com/a", "https://www.example.com/a"),
        ("https://www.example.com:443/a", "https://www.example.com/a"),
        ("https://shop.example.com", "https://shop.example.com"),
        ("https://a.b.example.org/x", "https://a.b.example.org/x"),
        ("/a/..//evil.net", "https://www.example.com/a/..//evil.net"),
    ],
)
def test_a_link_leads_to_a_path_of_its_own_host_or_to_a_listed_one(asked: str, leads_to: str) -> None:
    found = destinations.within(asked, HOME, HOSTS)
    assert found is not None
    assert found.text == leads_to


@pytest.mark.parametrize(
    "asked",
    [
        "//evil.net", "///evil.net", "/\\evil.net", "/\t/evil.net", "\\\\evil.net", "https://evil.net",
        "https://example.org", "https://evilexample.org", "https://example.org.evil.net",
        "https://shop.example.com.evil.net",
        "https://shop.example.com:444", "https://www.example.com:8080", "http://localhost:3001",
        "https://localhost:3000",
        "https://a.example.org:81",
    ],
)  # fmt: skip
def test_a_link_leads_nowhere_else(asked: str) -> None:
    assert destinations.within(asked, HOME, HOSTS) is None


@pytest.mark.parametrize(
    "host", ["www.example.com", "*.example.com", "localhost:3000", "127.0.0.1", "a.example.com:8443"]
)
def test_a_host_is_a_name_perhaps_with_a_port(host: str) -> None:
    assert destinations.is_host(host)


@pytest.mark.parametrize(
    "host",
    ["", "*", "*.com.", "https://a.com", "a.com/", "A.com", "*.*.com", "a*.com", "1.2.3.4", "a@b.com", "x" * 300],
)
def test_what_is_no_host_cannot_be_listed(host: str) -> None:
    assert not destinations.is_host(host)


@pytest.mark.parametrize(
    ("rest", "sent"),
    [
        ("", "/?via=ada&gw_click=c"),
        ("/a", "/a?via=ada&gw_click=c"),
        ("/a?b=c#d", "/a?b=c&via=ada&gw_click=c#d"),
        ("?via=eve&x=1&gw_click=forged&via", "/?x=1&via=ada&gw_click=c"),
        ("#top", "/?via=ada&gw_click=c#top"),
    ],
)
def test_what_the_destination_is_told_stands_once_and_before_the_fragment(rest: str, sent: str) -> None:
    address = Address("https", "www.example.com", rest)

    assert destinations.with_values(address, [("via", "ada"), ("gw_click", "c")]) == f"https://www.example.com{sent}"


def test_nothing_is_added_where_nothing_is_told() -> None:
    assert destinations.with_values(HOME, []) == "https://www.example.com/welcome"
