from collections import Counter
from dataclasses import replace

from tests.training.test_robustness import make_example
from training import paper_split
from training.prepare import Example


def make_examples(reals: int, fakes: int) -> list[Example]:
    labels = ["real"] * reals + ["fake"] * fakes
    return [replace(make_example(f"{number:064x}"), label=label) for number, label in enumerate(labels)]


def test_the_papers_split_of_openforensics_has_its_numbers() -> None:
    placed = paper_split.split_as_paper(make_examples(8658, 8834), 20)

    found = Counter[tuple[str, str]]((example.split, example.label) for example in placed)
    assert found["test", "real"] + found["test", "fake"] == 4373
    assert sum(found.values()) - 4373 == 13119
    for split, share in (("train", 0.6), ("validation", 0.15), ("test", 0.25)):
        assert abs(found[split, "real"] - share * 8658) < 1
        assert abs(found[split, "fake"] - share * 8834) < 1


def test_the_seed_alone_decides_and_not_the_order() -> None:
    examples = make_examples(40, 40)

    one, again, other = (
        {example.sha256: example.split for example in paper_split.split_as_paper(order, seed)}
        for order, seed in ((examples, 1), (examples[::-1], 1), (examples, 2))
    )

    assert one == again
    assert one != other


def test_images_left_out_as_near_duplicates_take_part() -> None:
    examples = [replace(example, split="left out") for example in make_examples(20, 20)]

    assert {example.split for example in paper_split.split_as_paper(examples, 1)} == {"train", "validation", "test"}
