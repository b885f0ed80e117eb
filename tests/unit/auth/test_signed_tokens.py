"""Signed tokens: only whole ones of the right key, algorithm and time name a principal; the rest is refused."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from mocast.auth.signed_tokens import MAX_ROOMS, MAX_SUBJECT_CHARACTERS, SignedTokens, derived_key
from mocast.errors import Unauthorized
from mocast.model.principal import Principal

SECRET = b"0123456789abcdef0123456789abcdef"
RSA: RSAPrivateKey = generate_private_key(65537, 2048)
ED25519 = Ed25519PrivateKey.generate()
RSA_PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
ANN = Principal("ann", frozenset({"publish", "record"}), ("hall", "team-*"), float(int(time.time()) + 3600))


class Issuer:
    """Two keys under their names."""

    async def find(self, algorithm: str, key_id: str | None) -> Any | None:
        keys: dict[tuple[str, str | None], Any] = {
            ("RS256", "one"): RSA.public_key(),
            ("EdDSA", "two"): ED25519.public_key(),
        }
        return keys.get((algorithm, key_id))


def claims(**changes: Any) -> dict[str, Any]:
    """Claims of Ann's, with changes; ``None`` leaves one out."""
    whole = {"sub": "ann", "exp": time.time() + 60, "grants": ["publish"], "rooms": ["hall"], **changes}
    return {name: value for name, value in whole.items() if value is not None}


def hs256(**changes: Any) -> str:
    return jwt.encode(claims(**changes), SECRET, "HS256")


OWN = SignedTokens(SECRET)
BOTH = SignedTokens(SECRET, Issuer())


async def refused(token: str, by: SignedTokens = BOTH) -> None:
    with pytest.raises(Unauthorized) as refusal:
        await by.verify(token)
    assert refusal.value.error == "invalid_token"


async def test_what_is_signed_here_is_taken_here() -> None:
    assert await OWN.verify(OWN.sign(ANN)) == ANN
    counted = replace(ANN, account="root")
    assert await OWN.verify(OWN.sign(counted)) == counted


@pytest.mark.parametrize(("key", "algorithm", "name"), [(RSA, "RS256", "one"), (ED25519, "EdDSA", "two")])
async def test_the_issuer_s_tokens_are_taken(key: Any, algorithm: str, name: str) -> None:
    token = jwt.encode(claims(grants=["subscribe", "fly"], rooms=["*"]), key, algorithm, {"kid": name})
    principal = await BOTH.verify(token)
    assert (principal.subject, principal.grants, principal.rooms) == ("ann", {"subscribe"}, ("*",))
    await refused(token, OWN)


@pytest.mark.parametrize("account", ["root", 7, ["ann"], "a" * 5000])
async def test_an_issuer_does_not_choose_whose_limits_count(account: Any) -> None:
    token = jwt.encode(claims(account=account), RSA, "RS256", {"kid": "one"})
    assert (await BOTH.verify(token)).account == "ann"


@pytest.mark.parametrize("name", ["two", "three", None, "", 7, ["one"], {"one": 1}])
async def test_an_unknown_key_s_token_is_refused(name: Any) -> None:
    await refused(forged({"alg": "RS256", "kid": name}, claims(), RSA))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "HS384", "HS512", "RS384", "PS256", "ES256", "x"])
async def test_no_other_algorithm_is_taken(algorithm: str) -> None:
    await refused(forged({"alg": algorithm, "kid": "one"}, claims()))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
async def test_the_secret_is_for_one_algorithm(algorithm: str) -> None:
    await refused(jwt.encode(claims(), SECRET + SECRET, algorithm))
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        await refused(jwt.encode(claims(), SECRET, algorithm))


async def test_a_public_key_is_no_secret() -> None:
    """Algorithm confusion: the attacker signs by HMAC with the public key, which everybody has."""
    for secret in (RSA_PEM, RSA_PEM.strip()):
        await refused(forged({"alg": "HS256", "kid": "one"}, claims(), secret))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"exp": time.time() - 1},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"exp": [1]},
        {"nbf": time.time() + 86_400},
        {"nbf": "soon"},
        {"iat": time.time() + 86_400},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "a\nb"},
        {"sub": "a" * (MAX_SUBJECT_CHARACTERS + 1)},
        {"account": 7},
        {"account": ""},
        {"account": "a" * (MAX_SUBJECT_CHARACTERS + 1)},
        {"grants": "publish"},
        {"grants": {"publish": True}},
        {"grants": [1]},
        {"rooms": "*"},
        {"rooms": ["a*"] * (MAX_ROOMS + 1)},
        {"rooms": [None]},
        {"aud": "another service"},
    ],
    ids=lambda changes: next(iter(changes)),  # names that are the same in every process
)
async def test_a_claim_that_is_wrong_is_refused(changes: dict[str, Any]) -> None:
    await refused(hs256(**changes))


async def test_what_is_not_granted_is_not_there() -> None:
    principal = await OWN.verify(hs256(grants=None, rooms=None))
    assert (principal.grants, principal.rooms) == (frozenset(), ())


async def test_clocks_may_differ_a_little_but_what_has_expired_has() -> None:
    assert await OWN.verify(hs256(nbf=time.time() + 3, iat=time.time() + 3))
    await refused(hs256(exp=time.time() - 0.1))


async def test_issuer_and_audience_are_those_that_were_named() -> None:
    named = SignedTokens(SECRET, issuer="https://id.example", audience="mocast")
    right = {"iss": "https://id.example", "aud": ["mail", "mocast"]}
    assert await named.verify(hs256(**right))
    for wrong in ({"iss": "https://evil.example"}, {"iss": None}, {"aud": "mail"}, {"aud": None}):
        await refused(hs256(**(right | wrong)), named)
    assert await named.verify(named.sign(ANN)) == ANN


def test_the_derived_key_is_that_of_rfc_5869() -> None:
    """Its HKDF-Expand and HKDF-Extract, written out with the standard library."""
    extracted = hmac.digest(bytes(32), b"a secret of sixteen", hashlib.sha256)
    expanded = hmac.digest(extracted, b"mocast signed tokens 1\x01", hashlib.sha256)
    assert derived_key("a secret of sixteen") == expanded


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "ä.ö.ü", "\0", "eyJ.eyJ.", "." * 3000, "a" * 8000])
async def test_what_is_no_token_is_refused(token: str) -> None:
    await refused(token)


async def test_json_without_end_is_refused() -> None:
    deep = base64.urlsafe_b64encode(b'{"alg":"HS256","a":' + b"[" * 5000 + b"]" * 5000 + b"}").rstrip(b"=").decode()
    await refused(f"{deep}.{deep}.{deep}")


def forged(header: dict[str, Any], payload: Any, key: Any = None) -> str:
    """A token with any header, signed as well as the attacker can."""
    parts = (json.dumps(part).encode() for part in (header, payload))
    signed = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    if isinstance(key, bytes):
        signature = hmac.digest(key, signed.encode(), hashlib.sha256)
    else:
        signature = key.sign(signed.encode(), PKCS1v15(), SHA256()) if key else b""
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


VALID = OWN.sign(ANN)


@given(st.integers(0, len(VALID) - 1), st.characters(codec="ascii"))
async def test_a_changed_character_is_never_taken(at: int, character: str) -> None:
    changed = VALID[:at] + character + VALID[at + 1 :]
    try:
        principal = await OWN.verify(changed)
    except Unauthorized:
        return
    # The last character of a signature has two bits that mean nothing.
    assert principal == ANN
    assert changed[:-1] == VALID[:-1]


@settings(max_examples=40)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists))
async def test_any_claims_name_a_principal_or_are_refused(value: Any) -> None:
    for name in ("exp", "nbf", "iat", "sub", "grants", "rooms", "aud", "iss", "jti"):
        try:
            token = jwt.encode({**claims(), name: value}, SECRET, "HS256")
        except TypeError:
            continue
        try:
            await OWN.verify(token)
        except Unauthorized:
            continue


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "jku", "b64"]), st.text() | st.integers()))
async def test_any_header_without_the_key_is_refused(header: dict[str, Any]) -> None:
    await refused(forged(header, claims()))
    await refused(forged({**header, "alg": "RS256", "kid": "one"}, claims(), b"guess"))
