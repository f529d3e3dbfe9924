"""The table of a benchmark: what was measured beside what was to be reached, and nothing that was not measured."""

from benchmarks import table


def test_every_goal_is_about_figures_of_the_table() -> None:
    names = [name for name, _, _ in table.FIGURES]

    assert len(names) == len(set(names))
    assert {goal.figure for goal in table.GOALS} | {goal.over for goal in table.GOALS if goal.over} <= set(names)


def test_a_ratio_is_taken_within_each_round() -> None:
    results = table.summarise({"drain": [80.0, 300.0, 90.0], "ceiling": [100.0, 300.0, 100.0]}, images=10)

    (goal,) = results["goals"]
    assert (goal["rounds"], goal["median"], goal["reached"]) == ([0.8, 1.0, 0.9], 0.9, True)
    assert results["rounds"] == 3


def test_a_goal_whose_other_side_was_left_out_is_not_told() -> None:
    results = table.summarise({"drain": [80.0]}, images=10)

    assert [row["name"] for row in results["figures"]] == ["drain"]
    assert results["goals"] == []


def test_a_goal_that_was_missed_is_told_as_missed() -> None:
    told = table.goals_table(table.summarise({"drain": [70.0], "ceiling": [100.0], "web_mb": [200.0]}, images=10))

    assert "| drain / (a), SQLite | 0.70 | at least 0.8 | missed |" in told
    assert "| web memory, MB | 200.00 | at most 400 |  |" in told


def test_where_there_is_no_gpu_the_table_says_so() -> None:
    without, with_one = ({"ceiling": [1.0]}, {"gpu_float32_1": [1.0]})

    assert "not measured" in table.text(table.summarise(without, images=1))
    assert "| not measured |" in table.goals_table(table.summarise(without, images=1))
    assert "not measured" not in table.text(table.summarise(with_one, images=1))


def test_a_gpu_that_was_not_asked_for_its_figures_is_not_said_to_be_missing() -> None:
    for results in (
        table.summarise({}, images=1, failed=["gpu"]),
        table.summarise({}, images=1, waiting=["gpu"]),
    ):
        (told,) = results["not_measured"]
        assert told in ("gpu: failed", "gpu: not reached")
