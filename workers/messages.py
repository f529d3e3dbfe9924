"""Foreign bytes in a queue, or a broker that hangs, cost a line in the log: with Kombu alone they cost the worker."""

import logging
from typing import Any

from kombu.transport import redis, virtual

logger = logging.getLogger(__name__)


class Channel(redis.Channel):
    """A channel that drops what is no message; it has been taken off its queue by then."""

    def _brpop_read(self, **options: Any) -> bool:
        try:
            return bool(super()._brpop_read(**options))  # type: ignore[misc]  # Kombu is untyped
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            logger.error("A message that is none of ours was dropped: %r", error)
            return True

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """A message that cannot be acknowledged is let go all the same: Kombu would count it as in hand for ever, and
        with one in hand at most no other would come again. At worst it comes twice, which changes nothing."""
        try:
            super().basic_ack(delivery_tag, multiple)
        except Exception:
            virtual.QoS.ack(self.qos, delivery_tag)
            raise


def refuse_foreign() -> None:
    """For every connection that this process opens from now on."""
    redis.Transport.Channel = Channel
