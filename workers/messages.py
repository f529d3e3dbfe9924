"""Foreign bytes in a queue cost one line in the log: Kombu would let them end the worker."""

import logging
from typing import Any

from kombu.transport import redis

logger = logging.getLogger(__name__)


class Channel(redis.Channel):
    """A channel that drops what is no message; it has been taken off its queue by then."""

    def _brpop_read(self, **options: Any) -> bool:
        try:
            return bool(super()._brpop_read(**options))  # type: ignore[misc]  # Kombu is untyped
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            logger.error("A message that is none of ours was dropped: %r", error)
            return True


def refuse_foreign() -> None:
    """For every connection that this process opens from now on."""
    redis.Transport.Channel = Channel
