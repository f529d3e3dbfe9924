"""Whether the broker answers is asked by the same address as permits are sent to."""

from pytest_django import Settings

from status import broker


def test_a_broker_in_another_database_of_its_server_is_asked(settings: Settings) -> None:
    settings.BROKER_URL = "redis+socket:///nowhere/broker.sock?virtual_host=2"

    assert broker.ask().trouble == "ConnectionError"
