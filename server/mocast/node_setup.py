"""This process as one of several that are one server, made from its settings."""

import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from mocast.api.ice_servers import shared_secret
from mocast.api.proxy import UNIX
from mocast.auth.setup import SetupError
from mocast.cluster.node import Node
from mocast.cluster.node_rooms import ALONE, Siblings
from mocast.cluster.node_signature import NodeSignature
from mocast.cluster.socket_directory import SocketDirectory
from mocast.cluster.worker_place import WorkerPlace
from mocast.hosts import bracketed
from mocast.limiter import Limiter
from mocast.settings.cluster_settings import CLUSTER_SECRET_CHARACTERS
from mocast.settings.settings import Settings


def make_node(settings: Settings, limiter: Limiter, place: WorkerPlace | None) -> Node | None:
    """Return the node, of a cluster or of the workers of one machine; ``None``: the server is alone.

    Raises ``SetupError`` where the nodes have no secret, or this one no address.
    """
    if settings.redis_url.get_secret_value():
        return _node_of_cluster(settings, limiter, place)
    if place is None:
        return None
    return Node(
        SocketDirectory(Path(place.directory_path)),
        NodeSignature(place.secret),
        limiter,
        tag=place.tag,
        address=f"{UNIX}{place.path}",
        siblings=_siblings(place, [place.tag_of(index) for index in range(place.count)]),
    )


def _node_of_cluster(settings: Settings, limiter: Limiter, place: WorkerPlace | None) -> Node:
    from mocast.cluster.redis_directory import RedisDirectory  # noqa: PLC0415

    url = settings.redis_url.get_secret_value()
    signature = NodeSignature(_cluster_secret(settings))
    name = settings.node_name or socket.gethostname()
    siblings, tag = ALONE, signature.tag(name)
    if place is not None:
        tags = [signature.tag(f"{name}/{index}") for index in range(place.count)]
        siblings, tag = _siblings(place, tags), tags[place.index]
    address = settings.node_url or f"{'https' if settings.tls_files else 'http'}://{_own_address(url)}:{settings.port}"
    return Node(RedisDirectory(url), signature, limiter, tag=tag, address=address, siblings=siblings)


def _siblings(place: WorkerPlace, tags: Sequence[str]) -> Siblings:
    """The workers beside this one. ``tags``: of all of them, by their index."""
    others = {tags[index]: (str(index), f"{UNIX}{path}") for index, path in place.others.items()}
    return Siblings(str(place.index), others, tags[0], frozenset(place.fed_rooms))


def _cluster_secret(settings: Settings) -> str:
    """Return the secret of all nodes, made where the file is missing. Raises ``SetupError`` where it is too short."""
    if settings.cluster_secret is not None:
        return settings.cluster_secret.get_secret_value()
    path = settings.cluster_secret_file
    assert path is not None
    try:
        secret = shared_secret(path)
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{path}: it cannot be read") from error
    if len(secret) < CLUSTER_SECRET_CHARACTERS:
        raise SetupError(f"{path}: the secret in it must have {CLUSTER_SECRET_CHARACTERS} characters or more")
    return secret


def _own_address(url: str) -> str:
    """Return the address of this machine from which a URL's host is reached, bracketed where it is IPv6."""
    asked = urlsplit(url)
    try:
        found = socket.getaddrinfo(asked.hostname, asked.port or 6379, type=socket.SOCK_DGRAM)
        family, *_, address = found[0]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(address)  # sends nothing
            return bracketed(str(probe.getsockname()[0]))
    except OSError as error:
        raise SetupError(f"node_url has to be set: {asked.hostname} is not known here") from error
