"""The table of a benchmark: what was measured beside what was to be reached, and nothing that was not measured."""

from benchmarks import run, table


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


def test_where_there_is_no_gpu_the_table_says_so() -> None:
    without, with_one = ({"ceiling": [1.0]}, {"gpu_float32_1": [1.0]})

    assert "not measured" in table.text(table.summarise(without, images=1))
    assert "| not measured |" in table.markdown(table.summarise(without, images=1))
    assert "not measured" not in table.text(table.summarise(with_one, images=1))


def test_sections_of_every_round_are_measured_so_often_and_others_once() -> None:
    calls: list[str] = []

    def measure(name: str) -> dict[str, float]:
        calls.append(name)
        return {name: float(len(calls))}

    measured = run.measure(
        {
            "often": run.Section(lambda: measure("often"), in_every_round=True),
            "once": run.Section(lambda: measure("once")),
        },
        3,
    )

    assert calls == ["often", "once", "often", "often"]
    assert measured == {"often": [1.0, 3.0, 4.0], "once": [2.0]}
