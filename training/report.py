"""Published runs become a table and the models' README; no figure in either is typed by hand.

python -m training.report [--publish RUN ...] [--ship RUN]
"""

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from detector import bundle
from detector.bundle import Card
from training import recipe

_MODELS = Path(__file__).resolve().parent.parent / "models"
_SERVES = "litert-int8"

_README = """# Models

Made by `python -m training.report`; change the training or that module, not this page.

## Results

{table}

Test images are never trained on, nor used to choose an epoch, a calibration or a threshold. Intervals are 95 %: Wilson
for shares, DeLong for the area under the ROC curve (AUC). Training is one run of one seed; another seed moves the
figures within their intervals. `make evaluate BUNDLE=models/{name} DATA=...` repeats them.

Made by:

```
{commands}
```

## Card of `{version}`

**Is for.** Sorting and first review of face images, by people who can look again; research and tests. It gives a
calibrated probability that an image is synthetic, a verdict, and a map of what moved the score.

**Is not for.** Deciding anything about a person, proving that a photograph is authentic, images without a face, video.

**Trained on.** {trained_on}

**How.** MobileNet v1 from ImageNet weights, {size} x {size} RGB, {resampling} resampling without regard to the aspect
ratio. {how}

**Verdicts** on the test split, engine `{serves}`:

{verdicts}

**Limits.**

{limits}

**Licence of the data.** The faces are non-commercial or research material (see *Trained on*); the weights are given for
research and tests. The ImageNet weights training starts from are Apache-2.0.

**Files.**

{files}
"""


def render_table(models: Path = _MODELS) -> str:
    """All published results side by side, one line for each recipe and engine, as Markdown."""
    lines = [
        "| recipe | engine | test images | accuracy | AUC | F1 real | F1 fake | log loss | calibration error |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for result in read_results(models):
        for engine, measured in result["engines"].items():
            f1 = [f"{measured['per_class'][label]['f1']:.3f}" for label in ("real", "fake")]
            lines.append(
                f"| {result['recipe']} | {engine} | {measured['n']} | {_percent(measured['accuracy'])} "
                f"| {_interval(measured['auc'])} | {f1[0]} | {f1[1]} "
                f"| {measured['log_loss']:.3f} | {measured['calibration_error']:.3f} |"
            )
    return "\n".join(lines)


def read_results(models: Path = _MODELS) -> list[dict[str, Any]]:
    """The metrics.json of every published run, weakest first."""
    results = [json.loads(path.read_text(encoding="utf-8")) for path in (models / "results").glob("*.json")]
    return sorted(results, key=lambda result: float(result["engines"][_SERVES]["accuracy"]["value"]))


def publish(run: Path, models: Path = _MODELS) -> None:
    """Keep a run's figures under models/results, by its recipe's name."""
    (models / "results").mkdir(parents=True, exist_ok=True)
    name = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["recipe"]
    shutil.copyfile(run / "metrics.json", models / "results" / f"{name}.json")


def ship(run: Path, models: Path = _MODELS) -> Path:
    """Put a run's bundle where serving looks for it."""
    target = models / bundle.load(run / "bundle").card.name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(run / "bundle", target)
    return target


def replace_block(page: Path, name: str, text: str) -> None:
    """Write `text` between the page's comments <!-- NAME:start --> and <!-- NAME:end -->."""
    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    before, rest = page.read_text(encoding="utf-8").split(start)
    page.write_text(f"{before}{start}\n{text}\n{end}{rest.split(end)[1]}", encoding="utf-8")


def write_readme(models: Path = _MODELS) -> None:
    """Write models/README.md about the results and every bundle that ships."""
    results = read_results(models)
    for card in (bundle.load(path.parent).card for path in sorted(models.glob("*/card.json"))):
        measured = next(result for result in results if result["recipe"] == card.recipe)["engines"][_SERVES]
        page = _README.format(
            table=render_table(models),
            commands="\n".join(_command(result) for result in results),
            name=card.name,
            version=card.version,
            trained_on=card.trained_on,
            size=card.input.size,
            resampling=card.input.resampling,
            how=recipe.describe(card.recipe),
            serves=_SERVES,
            verdicts=_tell_verdicts(card, measured),
            limits="\n".join(f"- {limit}" for limit in card.limits),
            files=_list_files(card, models / card.name),
        )
        (models / "README.md").write_text(page, encoding="utf-8")


def _command(result: dict[str, Any]) -> str:
    return f"make train RECIPE={result['recipe']} DATA=../shared/data/faces/{result['data']}"


def _tell_verdicts(card: Card, measured: dict[str, Any]) -> str:
    thresholds, verdicts = card.engines[_SERVES].thresholds, measured["verdicts"]
    return "\n".join(
        [
            f"- fake from a probability of {thresholds.fake_from:.3f}, real under {thresholds.real_below:.3f}, "
            "inconclusive between;",
            f"- definite for {_percent(verdicts['coverage'])} of {measured['n']} images, "
            f"of these wrong {_percent(verdicts['error'])};",
            f"- photographs called fake {_percent(verdicts['real_called_fake'])}, "
            f"synthetic images called real {_percent(verdicts['fake_called_real'])}.",
        ]
    )


def _list_files(card: Card, folder: Path) -> str:
    names = [card.head.file, *(engine.file for engine in card.engines.values())]
    return "\n".join(f"- `{name}`, {(folder / name).stat().st_size / 1e6:.2f} MB" for name in names)


def _percent(interval: dict[str, float]) -> str:
    return f"{100 * interval['value']:.1f} % ({100 * interval['low']:.1f}-{100 * interval['high']:.1f})"


def _interval(interval: dict[str, float]) -> str:
    return f"{interval['value']:.3f} ({interval['low']:.3f}-{interval['high']:.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--publish", type=Path, nargs="+", metavar="RUN", default=[])
    parser.add_argument("--ship", type=Path, metavar="RUN", help="also make this run's bundle the one that serves")
    arguments = parser.parse_args()
    for run in arguments.publish:
        publish(run)
    if arguments.ship:
        publish(arguments.ship)
        ship(arguments.ship)
    write_readme()
    replace_block(_MODELS.parent / "README.md", "accuracy", render_table())
    print(render_table())


if __name__ == "__main__":
    main()
