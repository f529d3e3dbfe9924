"""Images that look alike are found through an index, and among the user's own alone."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from batches import claims, intake, likeness, results
from batches.models import LIKENESS, Analysis, Batch, Image
from tests.batches.conftest import SCORED, Send, receive
from tests.batches.test_claims import explain

LANE = "interactive"
HASH = "fee060b1d7a820eb"


def flip(*bits: int) -> str:
    """The hash with these of its bits changed."""
    return f"{int(HASH, 16) ^ sum(1 << bit for bit in bits):016x}"


def judge(*hashes: str) -> list[Analysis]:
    """Gives the waiting analyses their results; the images have these hashes."""
    claim = claims.take(LANE, 100, owner="w1")
    outcomes = [replace(SCORED, perceptual_hash=one) for one in hashes]
    assert results.record(claim, outcomes) == len(hashes)
    return list(Analysis.objects.filter(id__in=[row.id for row in claim.analyses]).order_by("ordinal"))


def test_hashes_up_to_three_bits_apart_are_found_wherever_the_bits_lie(owner: User, send: Send) -> None:
    send(6)
    rows = judge(HASH, flip(63), flip(0, 17), flip(1, 20, 40), flip(0, 1, 2), flip(0, 16, 32, 48))

    found = likeness.find(owner, rows[0], HASH)

    assert [(one.analysis, one.distance) for one in found[:2]] == [(rows[1], 1), (rows[2], 2)]
    assert {(one.analysis, one.distance) for one in found[2:]} == {(rows[3], 3), (rows[4], 3)}


def test_the_same_image_in_another_batch_is_nearest_and_a_repeat_is_none(owner: User, send: Send) -> None:
    send(1)
    intake.accept(owner=owner, uploads=[receive(b"0-0")])
    first, again = judge(HASH, HASH)
    repeat = Analysis.objects.create(
        batch=first.batch, image=first.image, ordinal=9, filename="x", lane="default", origin=first
    )

    assert [(one.analysis, one.distance) for one in likeness.find(owner, first, HASH)] == [(again, 0)]
    assert [one.analysis for one in likeness.find(owner, repeat, HASH)] == [again]


def test_an_image_without_a_hash_yet_finds_its_like(owner: User, send: Send) -> None:
    send(2)
    plain, hashed = judge("", flip(5))

    assert [one.analysis for one in likeness.find(owner, plain, HASH)] == [hashed]
    assert likeness.find(owner, hashed, flip(5)) == []


def test_nobody_finds_what_others_sent(owner: User, send: Send) -> None:
    stranger = User.objects.create_user("bob")
    send(1)
    intake.accept(owner=stranger, uploads=[receive(b"theirs")])
    judged = judge(HASH, HASH)
    mine, theirs = sorted(judged, key=lambda analysis: analysis.batch.owner_id == stranger.id)

    assert likeness.find(owner, mine, HASH) == []
    assert likeness.find(stranger, theirs, HASH) == []


def test_a_hash_is_kept_once(send: Send) -> None:
    send(1)
    [row] = judge(HASH)

    with transaction.atomic():
        likeness.keep({row.image_id: flip(1)})

    image = Image.objects.get()
    assert (image.likeness_1, image.likeness_4) == (0xFEE0, 0x20EB)


@pytest.mark.parametrize("change", [{"likeness_2": None}, {"likeness_2": 2**16}])
def test_a_hash_is_whole_in_the_database(send: Send, change: dict[str, int | None]) -> None:
    send(1)
    judge(HASH)

    with pytest.raises(IntegrityError), transaction.atomic():
        Image.objects.update(**change)


def test_finding_walks_through_no_table(owner: User) -> None:
    batch = Batch.objects.create(owner=owner, name="long", lane="bulk", total=5000, waiting=5000)
    Image.objects.bulk_create(
        Image(
            sha256=f"{place:064}",
            format="JPEG",
            width=8,
            height=8,
            byte_size=1,
            **{part: place * (7 + turn) % 2**16 for turn, part in enumerate(LIKENESS)},
        )
        for place in range(5000)
    )
    rows = Analysis.objects.bulk_create(
        Analysis(batch=batch, image_id=f"{place:064}", ordinal=place, filename="x", lane="bulk")
        for place in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    with CaptureQueriesContext(connection) as captured:
        likeness.find(owner, rows[2500], "".join(f"{2500 * (7 + turn) % 2**16:04x}" for turn in range(4)))

    assert len(captured) == 2
    for query in captured:
        plan = explain(query["sql"])
        assert "Seq Scan" not in plan.replace("Seq Scan on batches_batch", ""), plan
        assert "SCAN batches" not in plan, plan
