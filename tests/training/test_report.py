import json
from pathlib import Path

from training import report


def test_the_readme_is_made_of_the_runs_own_figures(smoke_run: Path, tmp_path: Path) -> None:
    report.publish(smoke_run, tmp_path)
    report.ship(smoke_run, tmp_path)
    report.write_readme(tmp_path)

    page = (tmp_path / "README.md").read_text()
    measured = json.loads((smoke_run / "metrics.json").read_text())
    accuracy = measured["engines"]["litert-int8"]["accuracy"]
    assert f"{100 * accuracy['value']:.1f} % ({100 * accuracy['low']:.1f}-{100 * accuracy['high']:.1f})" in page
    assert measured["version"] in page
    assert measured["trained_on"] in page


def test_the_committed_page_is_what_the_committed_results_give(tmp_path: Path) -> None:
    models = Path(report.__file__).parent.parent / "models"

    assert report.render_table(models) in (models / "README.md").read_text()
