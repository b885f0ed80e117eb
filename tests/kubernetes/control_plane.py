"""Kubernetes' own control plane on this machine, without machines to run pods: what it accepts, makes and places."""

import json
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.ports import free_port

PROGRAMS = ("etcd", "kube-apiserver", "kubectl", "openssl")
CONTROLLERS = ("kube-controller-manager", "kube-scheduler")
LIMIT_S = 180


def missing(programs: tuple[str, ...]) -> list[str]:
    """Return those of the programs that are not on this machine."""
    return [program for program in programs if shutil.which(program) is None]


class ControlPlane:
    """An API server that is asked by ``kubectl``."""

    def __init__(self, config: Path) -> None:
        self.config = config

    def kubectl(self, *words: str, stdin: str | None = None) -> str:
        """Return what a command answers. Raises ``AssertionError`` with what it said where it fails."""
        done = self.tried(*words, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def tried(self, *words: str, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
        """Run a command, which may fail."""
        command = ["kubectl", "--kubeconfig", str(self.config), *words]
        return subprocess.run(command, check=False, input=stdin, capture_output=True, text=True)

    def get(self, *words: str) -> Any:
        """Return objects as they are now."""
        return json.loads(self.tried("get", *words, "-o", "json").stdout or "{}")


def wait_for(happened: Callable[[], bool], what: str) -> None:
    """Return when something has happened."""
    give_up = time.monotonic() + LIMIT_S
    while not happened():
        assert time.monotonic() < give_up, f"{what}: not within {LIMIT_S} s"
        time.sleep(0.5)


@contextmanager
def control_plane(folder: Path) -> Iterator[ControlPlane]:
    """Run etcd and the API server on loopback while the context lasts; controllers and scheduler, too, if any."""
    etcd, peer, api = (free_port() for _ in range(3))
    token = secrets.token_hex(16)
    (folder / "tokens.csv").write_text(f"{token},test,test,system:masters\n")
    key = folder / "accounts.key"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    config = folder / "kubeconfig"
    config.write_text(yaml.safe_dump(_kubeconfig(f"https://127.0.0.1:{api}", token)))
    with ExitStack() as stack:
        stack.enter_context(_running(folder, "etcd", *_etcd_flags(folder, etcd, peer)))
        stack.enter_context(_running(folder, "kube-apiserver", *_api_server_flags(folder, etcd, api, key)))
        plane = ControlPlane(config)
        wait_for(lambda: plane.tried("get", "--raw", "/readyz").returncode == 0, "the API server is ready")
        if not missing(CONTROLLERS):
            own = (f"--kubeconfig={config}", "--secure-port=0", "--leader-elect=false")
            # Machines that nobody runs would be found dead; who never saw them ready lets no pod there.
            machines = ("--node-monitor-grace-period=1h", f"--service-account-private-key-file={key}")
            stack.enter_context(_running(folder, "kube-controller-manager", *own, *machines))
            stack.enter_context(_running(folder, "kube-scheduler", *own))
        yield plane


def _etcd_flags(folder: Path, client: int, peer: int) -> list[str]:
    clients, peers = (f"http://127.0.0.1:{port}" for port in (client, peer))
    return [
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={clients}",
        f"--advertise-client-urls={clients}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=default={peers}",
    ]


def _api_server_flags(folder: Path, etcd: int, port: int, key: Path) -> list[str]:
    return [
        f"--etcd-servers=http://127.0.0.1:{etcd}",
        f"--secure-port={port}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--service-cluster-ip-range=10.96.0.0/16",
        f"--cert-dir={folder}",
        "--allow-privileged=true",  # so that it is Pod Security that has something against it
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
    ]


@contextmanager
def _running(folder: Path, program: str, *flags: str) -> Iterator[None]:
    with (folder / f"{program}.log").open("wb") as log:
        process = subprocess.Popen([program, *flags], cwd=folder, stdout=log, stderr=log)
    try:
        yield
        assert process.poll() is None, (folder / f"{program}.log").read_text()[-2000:]
    finally:
        process.terminate()
        process.wait()


def _kubeconfig(server: str, token: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": {"server": server, "insecure-skip-tls-verify": True}}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }
