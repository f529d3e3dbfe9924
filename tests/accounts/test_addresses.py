"""accounts.addresses: a header is believed only as far as our own proxies wrote it."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from accounts import addresses

PEER = "192.0.2.1"


def client_of(settings: Settings, proxies: int, forwarded: str | None, peer: str = PEER) -> tuple[str, bool]:
    settings.PROXY_COUNT = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)
    return addresses.client_of(request), addresses.is_loopback(request)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [
        (0, None, PEER),
        (0, "203.0.113.9", PEER),
        (1, None, PEER),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1,203.0.113.9 ", "203.0.113.9"),
        (2, "10.0.0.1, 203.0.113.9, 198.51.100.2", "203.0.113.9"),
        (2, "203.0.113.9", PEER),
        (1, " , ", PEER),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_client_is_whom_the_outermost_of_our_proxies_saw(
    settings: Settings, proxies: int, forwarded: str | None, client: str
) -> None:
    assert client_of(settings, proxies, forwarded)[0] == client


@pytest.mark.parametrize(
    ("proxies", "forwarded", "peer", "is_loopback"),
    [
        (0, None, "127.0.0.1", True),
        (0, None, "::1", True),
        (0, None, PEER, False),
        (0, "127.0.0.1", "127.0.0.1", False),  # a proxy here that nobody told us of
        (0, "127.0.0.1", PEER, False),
        (1, None, "127.0.0.1", True),
        (1, "127.0.0.1", "127.0.0.1", True),
        (1, "203.0.113.9", "127.0.0.1", False),
        (1, "127.0.0.1, 203.0.113.9", "127.0.0.1", False),  # invented in front of what the proxy added
        (2, "203.0.113.9", "127.0.0.1", False),
        (2, "127.0.0.1", "127.0.0.1", False),
        (1, "nonsense", "127.0.0.1", False),
        (0, None, "", False),
    ],
)
def test_nobody_talks_themselves_onto_this_machine(
    settings: Settings, proxies: int, forwarded: str | None, peer: str, is_loopback: bool
) -> None:
    assert client_of(settings, proxies, forwarded, peer)[1] is is_loopback


def test_an_endless_address_is_cut(settings: Settings) -> None:
    assert len(client_of(settings, 1, "x" * 5000)[0]) == 64
