"""Published runs become a table and the cards in docs/; no figure in them is typed by hand.

python -m training.report [--publish RUN ...] [--ship RUN]
"""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from detector import bundle
from detector.card import Card
from detector.errors import BundleError
from training import cards, recipe, scoring, sources, tables
from training.unseen import read_unseen

_MODELS = Path(__file__).resolve().parent.parent / "models"

_DOCS = _MODELS.parent / "docs"
_MANIFEST = Path(__file__).resolve().parent / "manifests" / "faces.csv.gz"
_STORY = {
    "paper": "the paper's recipe",
    "finetuned": "every layer tuned, on the same images",
    "best": "what ships, trained on all sources",
}


def render_table(models: Path = _MODELS) -> str:
    """The published results of recipes side by side, by every engine, as Markdown."""
    lines = [
        "| recipe | data | engine | test images | accuracy | AUC | F1 real | F1 fake | log loss | calibration error |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    results = read_results(models)
    folders = {result["data"] for result in results}
    for result in results:
        for engine, measured in result["engines"].items():
            f1 = [f"{tables.value(measured['per_class'][label]['f1']):.3f}" for label in ("real", "fake")]
            lines.append(
                f"| {result['recipe']} | {result['data']} | {engine} | {measured['n']} "
                f"| {tables.tell(measured['accuracy'])} | {tables.tell(measured['auc'], 3)} | {f1[0]} | {f1[1]} "
                f"| {tables.value(measured['log_loss']):.3f} | {tables.value(measured['calibration_error']):.3f} |"
            )
        # Of several sources those that another recipe was tested on alone, to be held against it.
        for source, rates in result.get("sources", {}).items():
            if source in folders - {result["data"]}:
                lines.append(
                    f"| {result['recipe']} | {source} alone | {scoring.SERVES} | {rates['reals'] + rates['fakes']} "
                    f"| {tables.tell(rates['accuracy'])} | {tables.tell(rates['auc'], 3)} | – | – | – | – |"
                )
    return "\n".join(lines)


def render_unseen(models: Path = _MODELS) -> str:
    """Families and sources that a cross-fitted model never trained on, as Markdown; empty where none were measured."""
    unseen = read_unseen(models / "results")
    return tables.render_unseen(unseen) if unseen else ""


def tell_unseen(models: Path = _MODELS) -> str:
    """A line for each family that a cross-fitted model never trained on; empty where none were measured."""
    unseen = read_unseen(models / "results") or {"families": {}}
    return "\n".join(
        f"- **Trained without {sources.FAMILIES[family]}, it calls {tables.tell(part['fakes_called_real'])} of them "
        f"real** and {tables.tell(part['fakes_called_fake'])} fake, AUC {tables.tell(part['auc'], 3)}."
        for family, part in unseen["families"].items()
    )


def render_story(models: Path = _MODELS) -> str:
    """The paper's recipe, the same images finetuned and the shipped recipe, a row each, on the paper's data set."""
    results = {result["recipe"]: result for result in read_results(models)}
    data = results["paper"]["data"] if "paper" in results else ""
    lines = ["| | tested on | images | accuracy | AUC | fakes called real |", "|---|---|---|---|---|---|"]
    for recipe_name, words in _STORY.items():
        rates = _find_rates(results.get(recipe_name), data)
        if rates:
            lines.append(
                f"| {words} | {data} | {rates['reals'] + rates['fakes']} | {tables.tell(rates['accuracy'])} "
                f"| {tables.tell(rates['auc'], 3)} | {tables.tell(rates['misses'])} |"
            )
    return "\n".join(lines) if len(lines) > 2 else ""


def _find_rates(result: dict[str, Any] | None, source: str) -> dict[str, Any] | None:
    return result and result.get("sources", {}).get(source)


def tell_accuracy(models: Path = _MODELS) -> str:
    """The README's figures: what was never trained on first, then the paper's data set in three rows."""
    unseen, story = render_unseen(models), render_story(models)
    parts = []
    if unseen:
        parts.append(f"**Fakes of kinds, and photographs of sources, that it never trained on:**\n\n{unseen}")
    if story:
        parts.append(f"**From the paper's recipe to what ships**, each on images that it did not train on:\n\n{story}")
    return "\n\n".join(parts)


def read_results(models: Path = _MODELS) -> list[dict[str, Any]]:
    """The metrics.json of every published run, by the data it was tested on, weakest first."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in (models / "results").glob("*.json")]
    results = [result for result in found if "engines" in result]  # the others are no runs: unseen.json
    return sorted(results, key=lambda result: (result["data"], result["engines"][scoring.SERVES]["accuracy"]["value"]))


def publish(run: Path, models: Path = _MODELS) -> None:
    """Keep a run's figures under models/results, by its recipe's name."""
    (models / "results").mkdir(parents=True, exist_ok=True)
    name = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["recipe"]
    shutil.copyfile(run / "metrics.json", models / "results" / f"{name}.json")


def ship(run: Path, models: Path = _MODELS) -> Path:
    """Put a run's bundle where serving looks for it; raises ValueError where its int8 engine failed the gate."""
    gate = json.loads((run / "metrics.json").read_text(encoding="utf-8")).get("gate")
    if gate and not gate["passed"]:
        failed = ", ".join(name for name, view in gate["views"].items() if not view["passed"])
        raise ValueError(f"The int8 engine of {run} loses too much on {failed} images; see the gate in its report.")
    target = models / bundle.load(run / "bundle").card.name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(run / "bundle", target)
    return target


def replace_block(page: Path, name: str, text: str) -> None:
    """Write `text` between the page's comments <!-- NAME:start --> and <!-- NAME:end -->."""
    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    before, rest = page.read_text(encoding="utf-8").split(start)
    page.write_text(f"{before}{start}\n{text}\n{end}{rest.split(end)[1]}", encoding="utf-8")


def write_cards(models: Path = _MODELS, docs: Path = _DOCS) -> None:
    """Write docs/model-card.md about the bundle that ships and docs/data-card.md about the sets of faces."""
    results = read_results(models)
    card = bundle.load(next(iter(sorted(models.glob("*/card.json")))).parent).card
    result = next(result for result in results if result["recipe"] == card.recipe)
    page = cards.render_model_card(
        card,
        result,
        table=render_table(models),
        unseen=render_unseen(models),
        paper=_read_table(models / "results" / "paper_tables.md"),
        served=_read_table(models / "results" / "served.md"),
        comparison=_read_table(models / "results" / "comparison.md"),
        ablation=_read_table(models / "results" / "ablation.md"),
        learning_curves=[_read_table(file) for file in sorted((models / "results" / "learning_curves").glob("*.md"))],
        tradeoff=_read_table(models / "results" / "tradeoff.md"),
        commands=[recipe.find_command(result["recipe"]) for result in results],
        files=_list_files(card, models / card.name),
    )
    (docs / "model-card.md").write_text(page, encoding="utf-8")
    (docs / "data-card.md").write_text(
        cards.render_data_card(_MANIFEST, _read_table(models / "results" / "audit.md")), encoding="utf-8"
    )


def _read_table(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _list_files(card: Card, folder: Path) -> str:
    profiles = [entry.file for entry in (card.novelty, card.spectrum) if entry]
    names = [card.head.file, *(engine.file for engine in card.engines.values()), *profiles]
    return "\n".join(f"- `{name}`, {(folder / name).stat().st_size / 1e6:.2f} MB" for name in names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--publish", type=Path, nargs="+", metavar="RUN", default=[])
    parser.add_argument("--ship", type=Path, metavar="RUN", help="also make this run's bundle the one that serves")
    arguments = parser.parse_args()
    try:
        for run in arguments.publish:
            publish(run)
        if arguments.ship:
            ship(arguments.ship)
            publish(arguments.ship)
    except (ValueError, OSError, BundleError) as error:
        sys.exit(f"report: {error}")
    write_cards()
    replace_block(_MODELS.parent / "README.md", "accuracy", tell_accuracy())
    replace_block(_MODELS.parent / "README.md", "unseen", tell_unseen())
    print(tell_accuracy())


if __name__ == "__main__":
    main()
