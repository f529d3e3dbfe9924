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
    told = table.goals_table(table.summarise({"drain": [70.0], "ceiling": [100.0], "web_mb": [200.0]}, images=10), {})

    assert "| drain / (a), SQLite | 0.70 | at least 0.8 | missed |" in told
    assert "| web memory, MB | 200.00 | at most 400 |  |" in told


def test_a_figure_is_held_against_its_bound_before_it_is_rounded() -> None:
    (goal,) = table.summarise({"gpu_float32_difference": [0.0014]}, images=10)["goals"]

    assert (goal["to_reach"], goal["reached"]) == ("at most 0.001", False)


def test_what_is_measured_apart_is_told_as_not_measured_where_it_was_not() -> None:
    results = table.summarise({"ceiling": [1.0]}, images=1)
    on_gpu = table.summarise({"gpu_waiting": [0.02]}, images=1)
    on_gpu["machine"]["gpu"] = "a card, Keras on torch"

    without, with_one = table.goals_table(results, {}), table.goals_table(results, {"gpu": on_gpu})

    assert "| gpu | not measured | | |" in without
    assert "| gpu | not measured | | |" not in with_one
    assert "| GPU: time waiting for pixels at 512 | 0.02 | at most 0.1 |  |" in with_one
    assert "GPU: a card, Keras on torch." in with_one
    assert "GPU: a card, Keras on torch." in table.figures_page(results, {"gpu": on_gpu})


def test_a_section_that_failed_or_was_not_reached_is_told_as_that() -> None:
    assert table.summarise({}, images=1, failed=["large"])["not_measured"] == ["large: failed"]
    assert table.summarise({}, images=1, waiting=["large"])["not_measured"] == ["large: not reached"]
