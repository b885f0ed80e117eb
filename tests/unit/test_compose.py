"""``docker-compose.yml``: what a newcomer starts with one command lets nobody else in."""

import re
from pathlib import Path

import yaml

from mocast.settings.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
MOCAST = SERVICES["mocast"]


def value(text: str, **environment: str) -> str:
    """What Compose makes of a value with variables in it."""

    def replaced(match: re.Match[str]) -> str:
        given = environment.get(match[1])
        return match[3] if given is None or (given == "" and match[2] == ":-") else given

    return re.sub(r"\$\{(\w+)(:?-)([^}]*)\}", replaced, text)


def settings(**environment: str) -> Settings:
    """The server's settings in the container."""
    given = {
        name.removeprefix("MOCAST_").lower(): environment.get(name) if text is None else value(text, **environment)
        for name, text in MOCAST["environment"].items()
    }
    given = {name: text for name, text in given.items() if text is not None}
    return Settings(host="0.0.0.0", **given)  # type: ignore[arg-type]


def test_every_variable_of_the_container_is_a_setting() -> None:
    assert {name.removeprefix("MOCAST_").lower() for name in MOCAST["environment"]} <= Settings.model_fields.keys()


def test_only_this_machine_reaches_the_port_unless_told_otherwise() -> None:
    (port,) = MOCAST["ports"]
    assert value(port) == "127.0.0.1:8080:8080"
    assert not settings().is_open


def test_several_nodes_have_free_ports_and_a_proxy_has_theirs() -> None:
    """Of ``deploy/scale.env``, with which the profile ``scale`` is started."""
    given = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / "deploy" / "scale.env").read_text("utf-8"), re.M))
    (port,), (front,) = MOCAST["ports"], SERVICES["nginx"]["ports"]
    assert value(port, **given) == "127.0.0.1::8080"
    assert value(front, **given) == "127.0.0.1:8080:8080"
    assert value(front) != value(port)
    assert settings(**given).redis_url.get_secret_value() == "redis://redis:6379/0"
    assert settings().redis_url.get_secret_value() == ""


def test_a_public_name_of_the_proxy_is_as_public_as_an_address() -> None:
    assert settings(PUBLIC_NAME="mocast.example.org").is_open
    assert not settings(PUBLIC_NAME="localhost").is_open
    assert not settings(PUBLIC_NAME="mocast.example.org", MOCAST_AUTH="token", MOCAST_TOKEN="x" * 16).is_open


def test_published_elsewhere_it_starts_only_where_it_asks_for_tokens() -> None:
    (port,) = MOCAST["ports"]
    assert value(port, MOCAST_BIND="0.0.0.0") == "0.0.0.0:8080:8080"
    assert settings(MOCAST_BIND="0.0.0.0").is_open
    assert not settings(MOCAST_BIND="0.0.0.0").insecure
    assert not settings(MOCAST_BIND="0.0.0.0", MOCAST_AUTH="token", MOCAST_TOKEN="x" * 16).is_open
    assert settings(MOCAST_BIND="0.0.0.0", MOCAST_INSECURE="true").insecure


def test_the_proxy_reached_elsewhere_is_as_public_as_the_port_itself() -> None:
    """A client may ask the proxy for ``localhost`` from anywhere."""
    ports = SERVICES["caddy"]["ports"]
    assert [value(port) for port in ports] == ["127.0.0.1:80:80", "127.0.0.1:443:443"]
    assert [value(port, MOCAST_TLS_BIND="0.0.0.0") for port in ports] == ["0.0.0.0:80:80", "0.0.0.0:443:443"]
    assert settings(MOCAST_TLS_BIND="0.0.0.0").is_open
    assert not settings(MOCAST_TLS_BIND="0.0.0.0", MOCAST_AUTH="token", MOCAST_TOKEN="x" * 16).is_open
