"""A process as a node: by Redis, by the parent of workers, or by itself."""

from pathlib import Path

import pytest

from mocast.auth.setup import SetupError
from mocast.cluster.node import Node
from mocast.cluster.worker_place import WorkerPlace
from mocast.limiter_setup import make_limiter
from mocast.node_setup import make_node
from mocast.settings.settings import Settings

SECRET = "a secret that all nodes of the test share"


def made(place: WorkerPlace | None = None, **settings: object) -> Node | None:
    given = Settings(**settings)  # type: ignore[arg-type]
    return make_node(given, make_limiter(given), place)


def announced(node: Node | None) -> str:
    """The address that a node tells the others."""
    assert node is not None
    (known,) = node.membership.nodes
    return known.address


def test_a_server_without_redis_and_without_workers_is_alone() -> None:
    assert made() is None


def test_a_node_has_the_same_tag_after_a_restart_and_another_one_than_its_neighbour() -> None:
    of = {"redis_url": "redis://127.0.0.1:6379/0", "cluster_secret": SECRET}
    tags = [node.tag for name in "aab" if (node := made(node_name=name, **of)) is not None]
    assert tags[0] == tags[1] != tags[2]


def test_a_node_without_a_url_is_reached_by_the_address_that_leads_to_redis() -> None:
    of = {"redis_url": "redis://127.0.0.1:6379/0", "cluster_secret": SECRET}
    assert announced(made(port=9000, **of)) == "http://127.0.0.1:9000"
    assert announced(made(node_url="http://10.0.0.5:8080", **of)) == "http://10.0.0.5:8080"


def test_the_secret_of_a_file_is_made_where_there_is_none_and_must_be_long_enough(tmp_path: Path) -> None:
    of = {"redis_url": "redis://127.0.0.1:6379/0"}
    one, other = (made(cluster_secret_file=tmp_path / "secret", **of) for _ in range(2))
    assert one is not None
    assert other is not None
    assert other.signature.is_valid(one.signature.sign("a request"), "a request")
    (tmp_path / "short").write_text("too short")
    with pytest.raises(SetupError, match="32 characters"):
        made(cluster_secret_file=tmp_path / "short", **of)


@pytest.mark.parametrize("settings", [{}, {"redis_url": "redis://127.0.0.1:6379/0", "cluster_secret": SECRET}])
def test_a_worker_reaches_the_others_by_their_sockets(settings: dict[str, object]) -> None:
    node = made(WorkerPlace(1, 3, "secret", "/run/mocast", (3,), ("hall",)), **settings)
    assert node is not None
    assert node.rooms.name == "1"
    assert node.rooms.workers() == (("0", "unix:/run/mocast/worker-0"), ("2", "unix:/run/mocast/worker-2"))
