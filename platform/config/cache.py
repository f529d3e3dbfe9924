"""The cache that all processes share: counts of requests, as JSON, beside the broker."""

import json
from typing import Any

# A count is worth a moment, never a request that hangs: see api.throttles.
OPTIONS = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "serializer": "config.cache.JsonSerializer"}


class JsonSerializer:
    """In place of Django's pickle: who can write to the cache must not be able to run code here."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, content: bytes) -> Any:
        return json.loads(content)
