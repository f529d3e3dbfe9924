import pytest

from training import videos


def test_a_crop_and_its_photograph_have_the_same_run_whatever_their_numbers_drift() -> None:
    # Pairs seen side by side: the same frame's photograph and fakes of three methods.
    groups = [("ff-321", "youtube"), ("ff-330", "Face2Face"), ("ff-328", "NeuralTextures"), ("ff-318", "")]

    assert len({videos.find_run(group, method) for group, method in groups}) == 1


def test_videos_far_apart_have_other_runs() -> None:
    assert videos.find_run("ff-300") != videos.find_run("ff-320")


@pytest.mark.parametrize("group", ["aabqcugcpc", "ff-", "ff-1a", "033_097", "7"])
def test_a_group_of_another_kind_stays_as_it_is(group: str) -> None:
    assert videos.find_run(group, "youtube") == group
