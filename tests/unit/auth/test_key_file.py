"""The issuer's keys in a file: which are taken, and what happens when the file changes under a running server."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.fakes import SettableClock
from tests.peers import HANG_S

from mocast.auth.key_file import LOOK_EVERY_S, KeyFile, read_keys

RSA = rsa.generate_private_key(65537, 2048).public_key()
SHORT_RSA = rsa.generate_private_key(65537, 1024).public_key()
ED25519 = ed25519.Ed25519PrivateKey.generate().public_key()
OTHER = ed25519.Ed25519PrivateKey.generate().public_key()


def pem(key: Any) -> bytes:
    return bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def jwk(key: Any, **parameters: str) -> dict[str, Any]:
    kind = {"RSA": jwt.algorithms.RSAAlgorithm, "OKP": jwt.algorithms.OKPAlgorithm, "EC": jwt.algorithms.ECAlgorithm}
    name = "RSA" if isinstance(key, rsa.RSAPublicKey) else "EC" if hasattr(key, "curve") else "OKP"
    return {**kind[name].to_jwk(key, as_dict=True), **parameters}


def jwks(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (ED25519, "EdDSA")])
def test_a_key_goes_with_the_algorithm_of_its_type(key: Any, algorithm: str) -> None:
    (alone,) = read_keys(pem(key))
    assert (alone.algorithm, alone.key_id) == (algorithm, None)
    (named,) = read_keys(jwks(jwk(key, kid="one", alg=algorithm)))
    assert (named.algorithm, named.key_id) == (algorithm, "one")
    with pytest.raises(ValueError, match="Key Set"):
        read_keys(jwks(jwk(key, kid="one", alg="HS256")))


def test_of_a_set_the_keys_for_signatures_of_known_types_are_taken() -> None:
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    keys = read_keys(
        jwks(
            jwk(RSA, kid="one", use="sig"),
            jwk(RSA, kid="two", use="enc"),
            jwk(curve, kid="three"),
            {"kty": "oct", "k": "c2VjcmV0", "kid": "four"},
            {"kty": "new", "kid": "five"},
            jwk(ED25519, kid="six"),
        )
    )
    assert [(key.algorithm, key.key_id) for key in keys] == [("RS256", "one"), ("EdDSA", "six")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"{}",
        b'{"keys": []}',
        b'{"keys": 7}',
        b'{"keys": [7]}',
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        b"\xff\xfe",
        pem(SHORT_RSA),
        jwks(jwk(SHORT_RSA, kid="one")),
        pem(ed448.Ed448PrivateKey.generate().public_key()),
        jwks({"kty": "oct", "k": "c2VjcmV0"}),
    ],
    ids=range(12),
)
def test_a_file_without_a_usable_key_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_keys(content)


async def test_keys_are_found_by_algorithm_and_name(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(jwks(jwk(RSA, kid="one"), jwk(ED25519, kid="two"), jwk(OTHER, kid="three")))
    keys = KeyFile(path)
    assert await keys.find("RS256", "one") is not None
    assert await keys.find("RS256", None) is not None, "the only one of its algorithm"
    assert await keys.find("RS256", "two") is None
    assert await keys.find("EdDSA", None) is None, "one of two"
    assert await keys.find("HS256", "one") is None
    assert await keys.find("EdDSA", "four") is None
    alone = tmp_path / "key.pem"
    alone.write_bytes(pem(RSA))
    assert await KeyFile(alone).find("RS256", "whatever the issuer calls it") is not None


async def test_a_new_key_is_found_at_once_and_an_old_one_is_not_any_more(tmp_path: Path) -> None:
    path, clock = tmp_path / "keys.json", SettableClock()
    path.write_bytes(jwks(jwk(ED25519, kid="old")))
    keys = KeyFile(path, clock.monotonic)
    path.write_bytes(jwks(jwk(OTHER, kid="new")))
    assert await keys.find("EdDSA", "new") is None, "looked at only now and then"
    clock.now += LOOK_EVERY_S
    assert await keys.find("EdDSA", "new") is not None
    assert await keys.find("EdDSA", "old") is None


async def test_a_file_that_is_broken_or_gone_leaves_the_last_keys(tmp_path: Path) -> None:
    path, clock = tmp_path / "keys.json", SettableClock()
    path.write_bytes(jwks(jwk(ED25519, kid="one")))
    keys = KeyFile(path, clock.monotonic)
    for change in (lambda: path.write_bytes(b"{"), path.unlink):
        change()
        clock.now += LOOK_EVERY_S
        assert await keys.find("EdDSA", "two") is None
        assert await keys.find("EdDSA", "one") is not None
    path.write_bytes(jwks(jwk(OTHER, kid="two")))
    clock.now += LOOK_EVERY_S
    assert await keys.find("EdDSA", "two") is not None


async def test_a_slow_disk_holds_neither_the_loop_nor_tokens_of_known_keys(tmp_path: Path) -> None:
    path, clock = tmp_path / "keys.json", SettableClock()
    path.write_bytes(jwks(jwk(ED25519, kid="one")))
    keys = KeyFile(path, clock.monotonic)
    path.unlink()
    os.mkfifo(path)  # reading it waits for a writer
    clock.now += LOOK_EVERY_S
    async with asyncio.timeout(HANG_S):
        assert await keys.find("EdDSA", "one") is not None
        waiting = asyncio.create_task(keys.find("EdDSA", "two"))
        assert await keys.find("EdDSA", "one") is not None
        assert not waiting.done()
    writer = await asyncio.to_thread(os.open, path, os.O_WRONLY)
    os.write(writer, jwks(jwk(OTHER, kid="two")))
    os.close(writer)
    assert await waiting is not None
