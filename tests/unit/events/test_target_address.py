"""Addresses of webhooks and brokers, the secret of signatures, and that no secret is shown."""

import base64
from pathlib import Path

import pytest
from pydantic import SecretStr

from mocast.events.target_address import TargetOptions, parse_targets, signing_key
from mocast.model.analysis import Event

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


def test_options_follow_the_hash() -> None:
    one, other = parse_targets("webhook", "https://h/a?b=c#room=studio&events=gesture,fall  http://h:9000/")
    assert (one.url, one.options) == ("https://h/a?b=c", TargetOptions("studio", ("gesture", "fall")))
    assert (other.url, other.options) == ("http://h:9000/", TargetOptions())


def test_only_the_types_that_are_named_are_wanted() -> None:
    (one,) = parse_targets("webhook", "https://h/#events=fall")
    assert one.options.wants(Event("fall", 0, 0))
    assert not one.options.wants(Event("gesture", 0, 0))


def test_a_broker_s_topic_is_its_path() -> None:
    targets = parse_targets("mqtt", "mqtt://h mqtts://h:1/ mqtt://h/home/cam%20era/ mqtt://h/x#qos=0")
    assert [target.topic for target in targets] == ["mocast", "mocast", "home/cam era", "x"]
    assert [target.options.qos for target in targets] == [1, 1, 1, 0]


@pytest.mark.parametrize("kind", ["webhook", "mqtt"])
def test_passwords_are_in_no_name_and_no_text(kind: str) -> None:
    scheme = {"webhook": "https", "mqtt": "mqtts"}[kind]
    (target,) = parse_targets(kind, f"{scheme}://me:hunter2@home.example:8443/hook/hunter2?t=hunter2")  # type: ignore[arg-type]
    assert target.name == f"{scheme}://home.example:8443"
    assert "hunter2" not in repr(target)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("webhook", "home.example/hook", "webhook 1: An address is http:// or https://"),
        ("webhook", "https://h/ ftp://h/", "webhook 2: An address"),
        ("webhook", "https:///x", "webhook 1"),
        ("webhook", "https://h:0/", "webhook 1"),
        ("webhook", "https://h:99999/", "webhook 1"),
        ("webhook", "https://me:hunter2#x@h/", "escaped"),
        ("webhook", "https://h/#room=a/b", 'Option "room"'),
        ("webhook", "https://h/#events=dance", 'Option "events'),
        ("webhook", "https://h/#colour=red", "no such option"),
        ("webhook", "https://h/#qos=1", "Only MQTT has qos"),
        ("mqtt", "https://h/", "mqtt:// or mqtts://"),
        ("mqtt", "mqtt://h/a/%2B/b", "no \\+ and no #"),
        ("mqtt", "mqtt://h/#qos=2", 'Option "qos"'),
        ("webhook", " ".join(["https://h/"] * 17), "at most 16"),
    ],
)
def test_a_mistake_is_told_by_its_number_and_quotes_no_address(kind: str, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        parse_targets(kind, text)  # type: ignore[arg-type]
    assert "hunter2" not in str(raised.value)


def test_the_key_is_what_the_secret_has_in_base64(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    assert signing_key(None, None) is None
    assert signing_key(SecretStr(SECRET), None) == KEY
    assert signing_key(SecretStr(SECRET.removeprefix("whsec_")), None) == KEY
    assert signing_key(None, tmp_path / "secret") == KEY


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "not base64 at all", "whsec_" + "QUJD" * 30])
def test_a_secret_that_is_none_is_told_what_would_be_one(secret: str) -> None:
    with pytest.raises(ValueError, match="openssl rand -base64 32") as raised:
        signing_key(SecretStr(secret), None)
    assert not secret.removeprefix("whsec_") or secret not in str(raised.value)
