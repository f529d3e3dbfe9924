"""From which address a request comes: a header is believed only as far as our own proxies wrote it."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

PROXY_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
LONGEST = 64


def client_of(request: HttpRequest) -> str:
    """The client's address as the outermost of PROXY_COUNT proxies saw it.

    Every proxy adds whom it hears from to the end of X-Forwarded-For, so of the chain that ends with our own peer the
    last PROXY_COUNT are proxies. What stands before the client is anybody's invention. A chain that is too short has
    come past the proxies: then only the peer is certain.
    """
    chain = chain_of(request)
    if has_come_by_our_proxies(chain):
        return chain[-settings.PROXY_COUNT][:LONGEST]
    return str(request.META.get("REMOTE_ADDR", ""))[:LONGEST]


def is_loopback(request: HttpRequest) -> bool:
    """Whether the client is on this machine. A proxy on it that nobody told us of would make everybody look so, but
    says for whom it asks."""
    if any(name in request.META for name in PROXY_HEADERS) and not has_come_by_our_proxies(chain_of(request)):
        return False
    try:
        return ip_address(client_of(request)).is_loopback
    except ValueError:
        return False


def chain_of(request: HttpRequest) -> list[str]:
    words = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    return [word.strip() for word in words if word.strip()]


def has_come_by_our_proxies(chain: list[str]) -> bool:
    return 0 < settings.PROXY_COUNT <= len(chain)
