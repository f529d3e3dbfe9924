"""The Idempotency-Key of uploads: sent again, an upload has the same answer and adds nothing."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from batches import submissions
from batches.models import Analysis, Batch, Submission
from tests.api.conftest import client_of, picture, upload

FILES = [("red.jpg", picture("red")), ("note.txt", b"no image"), ("blue.jpg", picture("blue"))]


def test_the_same_upload_again_is_the_same_batch(client: Client) -> None:
    first = upload(client, FILES, key="k1", name="Nov")
    again = upload(client, FILES, key="k1", name="Nov")

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["batch"]["id"] == first.json()["batch"]["id"]
    assert again.json()["accepted"] == first.json()["accepted"]
    assert again.json()["rejected"] == first.json()["rejected"]
    assert (Batch.objects.count(), Analysis.objects.count()) == (1, 2)


def test_images_added_twice_with_a_key_are_added_once(client: Client) -> None:
    batch = upload(client, FILES[:1]).json()["batch"]["id"]
    url = f"/api/v1/batches/{batch}/images"
    first = upload(client, FILES[2:], key="more", url=url)
    upload(client, [("green.jpg", picture("green"))], url=url)

    again = upload(client, FILES[2:], key="more", url=url)

    assert again.json()["accepted"] == first.json()["accepted"]
    assert Analysis.objects.count() == 3


@pytest.mark.parametrize("change", ["files", "name", "target"])
def test_a_key_with_another_upload_is_refused_and_nothing_kept(client: Client, change: str) -> None:
    batch = upload(client, FILES, key="k1").json()["batch"]["id"]

    answer = upload(
        client,
        FILES[:1] if change == "files" else FILES,
        key="k1",
        name="another" if change == "name" else "",
        url=f"/api/v1/batches/{batch}/images" if change == "target" else "/api/v1/batches",
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert Analysis.objects.count() == 2


def test_the_same_key_of_two_people_and_no_key_are_different_uploads(client: Client, stranger: User) -> None:
    for sender, key in ((client, "k1"), (client_of(stranger), "k1"), (client, ""), (client, "")):
        assert upload(sender, FILES, key=key).status_code == 202

    assert Batch.objects.count() == 4


def test_two_requests_at_the_same_moment_make_one_batch(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second looks for the key before the first has written it, and meets it when it writes its own."""
    first = upload(client, FILES, key="k1").json()
    find, looks = submissions.find, []

    def find_late(*args: object) -> Submission | None:
        looks.append(args)
        return None if len(looks) == 1 else find(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(submissions, "find", find_late)
    again = upload(client, FILES, key="k1").json()

    assert (len(looks), again["accepted"]) == (2, first["accepted"])
    assert Batch.objects.count() == 1


@pytest.mark.parametrize("key", ["x" * 256, "two words", "kéy"])
def test_a_key_that_cannot_be_one_is_refused(client: Client, key: str) -> None:
    answer = upload(client, FILES, key=key)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert not Batch.objects.exists()


def test_a_refused_upload_leaves_its_key_free(client: Client) -> None:
    assert upload(client, FILES[1:2], key="k1").status_code == 422

    assert upload(client, FILES, key="k1").status_code == 202
