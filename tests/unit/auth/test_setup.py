"""What an operator may set up, and what is refused with a sentence before anything is served."""

import stat
from pathlib import Path
from typing import Any

import jwt
import pytest
from structlog.testing import capture_logs

from mocast.auth.auth_options import AuthOptions
from mocast.auth.authenticator import OPERATOR
from mocast.auth.setup import SetupError, make_authenticator
from mocast.errors import Forbidden, Unauthorized
from mocast.model.principal import EVERYBODY, Principal

SECRET = "0123456789abcdef"
ANN = Principal("ann", frozenset({"publish"}), ("hall",), 4e9)


async def test_without_authentication_everybody_is_one_whatever_they_send() -> None:
    nobody = make_authenticator(AuthOptions())
    assert await nobody.authenticate(None) is EVERYBODY
    assert await nobody.authenticate("x") is EVERYBODY
    with pytest.raises(Forbidden):
        nobody.mint(ANN)


async def test_the_shared_secret_is_the_operator_s_and_signs_tokens_for_others() -> None:
    shared = make_authenticator(AuthOptions(mode="token", token=SECRET))
    assert await shared.authenticate(SECRET) is OPERATOR
    assert await shared.authenticate(shared.mint(ANN)) == ANN
    assert await make_authenticator(AuthOptions(mode="token", token=SECRET)).authenticate(shared.mint(ANN)) == ANN
    other = make_authenticator(AuthOptions(mode="token", token=SECRET + "."))
    for wrong in (None, "", SECRET[:-1], SECRET + " ", SECRET.upper(), "ä", "\udce4", other.mint(ANN)):
        with pytest.raises(Unauthorized):
            await shared.authenticate(wrong)
    with pytest.raises(Unauthorized):  # the secret is not the key of signatures
        await shared.authenticate(jwt.encode({"sub": "x", "exp": 4e9}, SECRET * 2, "HS256"))


async def test_a_missing_secret_file_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "token"
    first = make_authenticator(AuthOptions(mode="token", token_file=path))
    secret = path.read_text().strip()
    assert len(secret) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["token"]
    assert await first.authenticate(secret) is OPERATOR
    assert await make_authenticator(AuthOptions(mode="token", token_file=path)).authenticate(secret) is OPERATOR


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_secret_file_that_others_can_read_is_warned_of_and_taken(tmp_path: Path, mode: int, warned: bool) -> None:
    path = tmp_path / "token"
    path.write_text(SECRET)
    path.chmod(mode)
    with capture_logs() as lines:
        make_authenticator(AuthOptions(mode="token", token_file=path))
    assert [(line["log_level"], "chmod 600" in line["event"]) for line in lines] == [("warning", True)] * warned


async def test_a_path_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    make_authenticator(AuthOptions(mode="token", token_file=Path("~/token")))
    assert (tmp_path / "token").is_file()


async def test_a_server_that_can_only_check_makes_links_for_itself(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    issuer, path = Ed25519PrivateKey.generate(), tmp_path / "key.pem"
    path.write_bytes(issuer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    options = AuthOptions(mode="jwt", jwt_key_file=path)
    one, two = make_authenticator(options), make_authenticator(options)
    assert (await one.authenticate(jwt.encode({"sub": "ann", "exp": 4e9}, issuer, "EdDSA"))).subject == "ann"
    assert await one.authenticate(one.mint(ANN)) == ANN
    with pytest.raises(Unauthorized):
        await two.authenticate(one.mint(ANN))
    nodes = [make_authenticator(options, "what all nodes of a server share") for _ in range(2)]
    assert await nodes[1].authenticate(nodes[0].mint(ANN)) == ANN


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"mode": "token"}, "auth=token needs one of token, token_file"),
        ({"mode": "token", "token": SECRET, "token_file": Path("x")}, "auth=token needs one of token, token_file"),
        ({"mode": "jwt"}, "auth=jwt needs one of jwt_key_file, jwt_secret, jwt_secret_file"),
        ({"token": SECRET}, "token does nothing with auth=none; it is for auth=token"),
        (
            {"mode": "token", "token": SECRET, "jwt_audience": "mocast"},
            "jwt_audience does nothing with auth=token; it is for auth=jwt",
        ),
        (
            {"mode": "jwt", "token": SECRET, "jwt_secret": 2 * SECRET},
            "token does nothing with auth=jwt; it is for auth=token",
        ),
        ({"mode": "token", "token": SECRET[1:]}, "token must have 16 characters or more"),
        (
            {"mode": "token", "token": SECRET + " \n"},
            "token: a token has letters, digits and the signs . _ ~ + / - only",
        ),
        ({"mode": "jwt", "jwt_secret": 2 * SECRET[1:]}, "jwt_secret must have 32 characters or more"),
        ({"mode": "jwt", "jwt_secret_file": Path("/none")}, "/none: No such file or directory"),
        ({"mode": "jwt", "jwt_key_file": Path("/none")}, "/none: No such file or directory"),
        ({"mode": "token", "token_file": Path("/proc/none/token")}, "/proc/none/token: No such file or directory"),
        ({"mode": "jwt", "jwt_key_file": Path("/dev/null")}, "/dev/null: "),
        ({"mode": "jwt", "jwt_secret_file": Path("/dev/null")}, "/dev/null: the secret in it must have 32"),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_named(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SetupError) as refusal:
        make_authenticator(AuthOptions(**options))
    assert str(refusal.value).startswith(sentence)
