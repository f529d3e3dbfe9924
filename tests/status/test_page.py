"""/admin/status/ shows workers, lanes, broker, database and disk, to staff alone."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from status.beats import Pulse
from tests.status.conftest import SendFiles


def client_of(*, is_staff: bool, is_superuser: bool = False) -> Client:
    client = Client()
    client.force_login(User.objects.create(username="staff", is_staff=is_staff, is_superuser=is_superuser))
    return client


def test_staff_see_workers_and_what_waits(send: SendFiles) -> None:
    send(3)
    pulse = Pulse()
    pulse.hold("best-0", "litert-int8")
    pulse.count(1234)
    pulse.write("w1@<here>")

    answer = client_of(is_staff=True).get("/admin/status/")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "w1@&lt;here&gt;" in page
    assert "best-0 (not the active one)" in page
    assert "1,234" in page
    assert "face.jpg" in page
    assert "does not answer; permits are sent when it is back" in page  # no broker runs here
    assert page.count('<th scope="row">interactive</th>') == 1


def test_without_a_worker_the_page_says_how_to_start_one(db: None) -> None:
    assert "Start one" in client_of(is_staff=True).get("/admin/status/").content.decode()


@pytest.mark.parametrize("is_known", [False, True])
def test_others_are_sent_to_the_login(db: None, is_known: bool) -> None:
    client = client_of(is_staff=False) if is_known else Client()

    answer = client.get("/admin/status/")

    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/admin/status/")


def test_the_administrators_first_page_leads_there(db: None) -> None:
    client = client_of(is_staff=True, is_superuser=True)

    assert "/admin/status/workerbeat/" in client.get("/admin/").content.decode()
    assert client.get("/admin/status/workerbeat/")["Location"] == "/admin/status/"
