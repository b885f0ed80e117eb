"""ICE servers: the TURN server's secret and the credentials made from it."""

import base64
import hashlib
import hmac
from pathlib import Path

from mocast.api.ice_servers import IceServers, shared_secret


def test_a_missing_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "turn" / "secret"
    made = shared_secret(path)
    assert len(made) == 64
    assert shared_secret(path) == made
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]


def test_an_operators_secret_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("chosen by hand\n")
    assert shared_secret(path) == "chosen by hand"


def test_two_installations_do_not_share_a_secret(tmp_path: Path) -> None:
    assert shared_secret(tmp_path / "one") != shared_secret(tmp_path / "two")


def test_credentials_are_what_coturn_computes_and_expire() -> None:
    ice = IceServers(turn_urls=("turn:{host}:3478",), turn_secret="s", turn_ttl_s=600, clock=lambda: 1_000_000.9)
    (link,) = ice.links("camera.example")
    username = link.split('username="')[1].split('"')[0]
    credential = link.split('credential="')[1].split('"')[0]
    assert link.startswith('<turn:camera.example:3478>; rel="ice-server"')
    assert username.split(":")[0] == "1000600"
    assert base64.b64decode(credential) == hmac.new(b"s", username.encode(), hashlib.sha1).digest()
