"""Commands on a person's own machine, and a server whose certificate no authority has signed."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
import pytest

from mocast.certificate import keep_certificate
from mocast.client import MocastClient
from mocast.client.refusals import Unreachable, Untrusted
from mocast.commands import probe as probe_command
from mocast.commands import source as source_command
from mocast.commands.bridge import parse_arguments as bridge_arguments
from mocast.commands.keys import parse_arguments as keys_arguments
from mocast.commands.room_link import RoomLink
from mocast.commands.top import top
from mocast.trust import trusting
from tests.peers import HANG_S

INFO = orjson.dumps(
    {
        "version": "1.2",
        "rooms": [],
        "engine": "openvino",
        "sessions": 0,
        "max_sessions": 4,
        "viewers": 0,
        "max_viewers": 4,
    }
)


class Info(BaseHTTPRequestHandler):
    """Answers every question with the same JSON."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(INFO)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Says nothing of handshakes that clients broke off."""

    def handle_error(self, *_: object) -> None:
        pass


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    keep_certificate(tmp_path / "certificate.pem", tmp_path / "key.pem", ["127.0.0.1"])
    return tmp_path / "certificate.pem"


@pytest.fixture
def url(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.parent / "key.pem")
    with Server(("127.0.0.1", 0), Info) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join(HANG_S)


async def test_the_bridge_and_keys_say_what_helps_and_trust_the_file_that_is_named(url: str, certificate: Path) -> None:
    room, told = f"{url}/?room=stage", list[str]()
    async with RoomLink(
        bridge_arguments([room, "--vmc"]).address, lambda _, state: told.append(state)
    ).connected() as client:
        with pytest.raises(Untrusted, match="does not trust") as raised:
            await client.info()
        client.on_connection(raised.value)
    assert told == ["The server has a certificate that this machine does not trust. (--cacert FILE) Trying again."]
    trusted = [room, "--cacert", str(certificate)]
    for address in (bridge_arguments([*trusted, "--vmc"]).address, keys_arguments(trusted).address):
        async with RoomLink(address, lambda *_: None).connected() as client:
            assert (await client.info())["version"] == "1.2"


def test_probe_and_source_say_so_too(url: str, certificate: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert probe_command.probe(["--server", url]) == 1
    assert capsys.readouterr().err.endswith("does not trust. (--cacert FILE)\n")
    for parse in (probe_command.parse_arguments, source_command.parse_arguments):
        assert parse(["film.mp4", "--server", url, "--cacert", str(certificate)]).tls is not None


def test_top_trusts_the_file_that_is_named(url: str, certificate: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert top([url, "--once", "--cacert", str(certificate)]) == 0
    assert top([url, "--once"]) == 1
    assert "(--cacert FILE)" in capsys.readouterr().out


async def test_a_server_without_https_is_told_from_one_that_is_not_there() -> None:
    with Server(("127.0.0.1", 0), Info) as server:
        threading.Thread(target=server.handle_request).start()
        async with MocastClient(f"https://127.0.0.1:{server.server_port}") as client:
            with pytest.raises(Unreachable, match=r"^The server does not speak HTTPS at 127\.0\.0\.1:\d+\.$"):
                await client.info()


def test_a_file_without_a_certificate_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    with pytest.raises(ValueError, match=r"empty\.pem: it has no certificate in it"):
        trusting(str(tmp_path / "empty.pem"))
    with pytest.raises(ValueError, match=r"nothing\.pem: No such file"):
        trusting(str(tmp_path / "nothing.pem"))
