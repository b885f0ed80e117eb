"""A real TURN server on this machine, where coturn is installed; ``TURNSERVER=/path`` names it elsewhere."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TURNSERVER = os.environ.get("TURNSERVER") or shutil.which("turnserver")

START_LIMIT_S = 60


@dataclass(frozen=True)
class Coturn:
    """Where it listens, and what it takes."""

    host: str
    port: int
    tls_port: int
    secret: str
    certificate: Path

    def url(self, transport: str) -> str:
        """Its address by ``udp``, ``tcp`` or ``tls``."""
        if transport == "tls":
            return f"turns:{self.host}:{self.tls_port}?transport=tcp"
        return f"turn:{self.host}:{self.port}?transport={transport}"


@contextmanager
def coturn(host: str, port: int, tls_port: int, folder: Path) -> Iterator[Coturn]:
    """Start it; relays to this machine's own addresses, too."""
    certificate, key, log = folder / "turn.pem", folder / "turn.key", folder / "turnserver.log"
    make_certificate = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=relay"
    )
    options = ["-keyout", key, "-out", certificate, "-addext", f"subjectAltName=IP:{host}"]
    subprocess.run([*make_certificate.split(), *options], check=True, capture_output=True)
    relay = Coturn(host, port, tls_port, "a secret of the tests", certificate)
    settings = {
        "listening-ip": host,
        "listening-port": port,
        "tls-listening-port": tls_port,
        "relay-ip": host,
        "realm": "mocast",
        "static-auth-secret": relay.secret,
        "cert": certificate,
        "pkey": key,
        "pidfile": folder / "turnserver.pid",
        "userdb": folder / "turndb",
        "log-file": "stdout",
        "min-port": 30_000,
        "max-port": 30_100,
    }
    flags = ["-n", "--use-auth-secret", "--fingerprint", "--allow-loopback-peers", "--cli-password=unused"]
    flags += [f"--{name}={value}" for name, value in settings.items()]
    with log.open("w") as output:
        process = subprocess.Popen([str(TURNSERVER), *flags], stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_until_it_listens(process, relay, log)
            yield relay
        finally:
            process.kill()
            process.wait()


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", relay: Coturn, log: Path) -> None:
    give_up = time.monotonic() + START_LIMIT_S
    wanted = f":{relay.tls_port:04X} "
    while wanted not in Path("/proc/net/tcp").read_text():
        assert process.poll() is None, log.read_text()[-2000:]
        assert time.monotonic() < give_up, log.read_text()[-2000:]
        time.sleep(0.05)
