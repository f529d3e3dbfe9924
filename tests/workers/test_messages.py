"""JSON alone comes out of the broker: a pickle is passed over, nothing of it runs, and the worker works on."""

import base64
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.db import connection
from kombu.transport import redis as transport

from batches import dispatch
from batches.models import Batch
from config.celery import app
from tests.conftest import ROOT
from tests.security.conftest import Broker, broker
from tests.workers.conftest import SendPictures, picture
from workers.messages import Channel

__all__ = ["broker"]
pytestmark = pytest.mark.servers


class Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (os.system, (f"touch {self.path}",))


@pytest.fixture
def worker(broker: Broker, transactional_db: None, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.workers.child_settings",
        "ASSAY_TEST_NAME": str(connection.settings_dict["NAME"]),
    }
    command = [sys.executable, "-m", "celery", "-A", "workers.app", "worker", "-Q", "interactive,default,bulk"]
    with (tmp_path / "worker.log").open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    yield process
    process.terminate()
    process.wait()


def message(content_type: str, body: bytes) -> str:
    """As Kombu lays it into a Redis list."""
    task_id = str(uuid4())
    envelope = {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "binary",
        "content-type": content_type,
        "headers": {"lang": "py", "task": "workers.tasks.analyse", "id": task_id},
        "properties": {
            "correlation_id": task_id,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": "interactive"},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": task_id,
        },
    }
    return json.dumps(envelope)


@pytest.mark.parametrize("content_type", ["application/x-python-serialize", "application/json"])
def test_a_pickle_in_the_queue_is_passed_over_and_the_worker_works_on(
    worker: "subprocess.Popen[bytes]", send: SendPictures, tmp_path: Path, content_type: str
) -> None:
    trap = tmp_path / "sprung"
    queue = redis.Redis(unix_socket_path=str(settings.BROKER_SOCKET))
    queue.lpush("interactive", message(content_type, pickle.dumps(([Bomb(trap)], {}, {}))))

    batch = send([picture(1), picture(2)])

    deadline = time.monotonic() + 120
    while Batch.objects.get(id=batch.id).done < 2:
        assert worker.poll() is None, (tmp_path / "worker.log").read_text()
        assert time.monotonic() < deadline, (tmp_path / "worker.log").read_text()
        dispatch.top_up()  # as beat does every few seconds
        time.sleep(0.5)
    assert not trap.exists()
    assert worker.poll() is None


def test_all_that_celery_writes_and_reads_is_json() -> None:
    for setting in ("task_serializer", "result_serializer", "event_serializer"):
        assert app.conf[setting] == "json"
    assert app.conf.accept_content == app.conf.result_accept_content == ["json"]
    assert not app.conf.result_backend


def test_a_message_that_a_hung_broker_does_not_take_back_keeps_no_other_away(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport.Transport, "Channel", Channel)
    with app.connection_for_write() as link:
        channel: Any = link.default_channel
        channel.basic_qos(0, 1, False)  # one in hand, as a worker has
        queue = link.SimpleQueue("interactive")
        queue.put({"number": 1})
        first = queue.get(timeout=30)
        broker.signal(signal.SIGSTOP)

        with pytest.raises(redis.TimeoutError):
            first.ack()

        broker.signal(signal.SIGCONT)
        queue.put({"number": 2})
        assert queue.get(timeout=30).payload == {"number": 2}
        queue.close()
