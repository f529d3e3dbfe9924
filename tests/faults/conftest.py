"""One cluster for all rows of the matrix: each row hurts it, and it must be whole again for the next."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster


@pytest.fixture(scope="package")
def whole_cluster(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Cluster]:
    folder: Path = tmp_path_factory.mktemp("cluster")
    (folder / "faults").mkdir()
    os.environ["ASSAY_FAULTS"] = str(folder / "faults")
    cluster = Cluster(folder)
    yield cluster
    cluster.end()


@pytest.fixture
def cluster(whole_cluster: Cluster, transactional_db: None) -> Iterator[Cluster]:
    """All processes run when a row begins, whatever the one before left."""
    whole_cluster.heal()
    yield whole_cluster
    whole_cluster.resume()  # before the tables are emptied, for which nobody may hold a lock
