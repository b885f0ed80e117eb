"""The front door of ``deploy/nginx``: Debian's nginx with that very configuration, before the nodes of a test."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster.nodes import wait_until
from tests.debian import find_program
from tests.e2e.server import Server
from tests.ports import free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx" / "nginx.conf"


def _configured(folder: Path, port: int, nodes: Sequence[Server]) -> str:
    """The configuration, of which only places change: Debian's nginx looks no names up while it runs."""
    text = CONFIGURATION.read_text()
    servers = "".join(f"server {node.url.split('//')[1]} max_fails=0;\n" for node in nodes)
    changes = {
        "server mocast:8080 resolve max_fails=0;": servers,
        "include /tmp/resolver.conf; # start.sh": "",
        "listen 8080;": f"listen 127.0.0.1:{port};",
        "worker_processes auto;": "worker_processes 1;",
        "/tmp/": f"{folder}/",
    }
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    return text


@contextmanager
def nginx_before(nodes: Sequence[Server], folder: Path) -> Iterator[str]:
    """Run it; yields its address."""
    program = find_program("sbin/nginx", "nginx-light", "nginx")
    if program is None:
        pytest.skip("nginx is not to be had")
    command, environment = program
    port, own = free_port(), folder / "nginx"
    own.mkdir()
    configuration, log = own / "nginx.conf", own / "log"
    configuration.write_text(_configured(own, port, nodes))
    with log.open("w") as said:
        process = subprocess.Popen(
            [command, "-e", "stderr", "-c", str(configuration)], env=environment, stdout=said, stderr=said
        )
    try:
        wait_until((own / "nginx.pid").exists)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        assert not log.read_text(), log.read_text()
