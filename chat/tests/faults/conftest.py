"""The cluster, made once; each test finds two web processes, and at its end nothing is stuck."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from chat.tests.faults import cluster as clusters
from chat.tests.faults.cluster import Cluster
from tools.pytest_environment import SERVICES


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have one process of xdist run all of these: the cluster is heavy."""
    for item in items:
        if "chat/tests/faults/" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("faults"))
            if item.get_closest_marker("services") and SERVICES not in os.environ:
                item.add_marker(pytest.mark.skip(reason="needs MariaDB and Redis: runs in the second pass"))


@pytest.fixture(scope="session")
def one_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with clusters.with_services(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def cluster(one_cluster: Cluster) -> Iterator[Cluster]:
    """Give the cluster with a and b running."""
    one_cluster.need("a", "b")
    yield one_cluster
    one_cluster.need("b")  # somebody has to end the runs of those that died
    one_cluster.end_test()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Take what a test measured, and print it: `-rP` shows it."""
    lines: list[str] = []
    yield lines
    for line in lines:
        print(f"{request.node.name}: {line}")  # noqa: T201
