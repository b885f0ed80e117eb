"""``mocast token``."""

import time
from pathlib import Path

import pytest

from mocast import cli
from mocast.auth.auth_options import AuthOptions
from mocast.auth.setup import make_authenticator

SECRET = "0123456789abcdef"


async def test_it_prints_a_token_that_the_server_takes(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--room", "hall", "--room", "team-*", "--grant", "publish", "--grant", "record", "--ttl", "2h"]
    assert cli.main(["token", *words, "--auth", "token", "--token", SECRET]) == 0
    token = capsys.readouterr().out.strip()
    principal = await make_authenticator(AuthOptions(mode="token", token=SECRET)).authenticate(token)
    assert (principal.grants, principal.rooms) == ({"publish", "record"}, ("hall", "team-*"))
    assert principal.expires_at is not None
    assert 7190 < principal.expires_at - time.time() <= 7200
    assert principal.subject.startswith("operator/")


def test_a_warning_is_not_printed_where_the_token_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path := tmp_path / "secret").write_text(SECRET)
    path.chmod(0o644)
    assert (
        cli.main(["token", "--room", "hall", "--grant", "publish", "--auth", "token", "--token-file", str(path)]) == 0
    )
    printed = capsys.readouterr()
    assert (printed.out.count("\n"), "chmod 600" in printed.out, "chmod 600" in printed.err) == (1, False, True)


async def test_what_has_to_do_with_no_room_needs_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["token", "--grant", "metrics", "--ttl", "365d", "--auth", "token", "--token", SECRET]) == 0
    server = make_authenticator(AuthOptions(mode="token", token=SECRET))
    principal = await server.authenticate(capsys.readouterr().out.strip())
    assert principal.may("metrics")
    assert not principal.sees("hall")


async def test_settings_come_from_the_environment_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCAST_AUTH", "jwt")
    monkeypatch.setenv("MOCAST_JWT_SECRET", 2 * SECRET)
    monkeypatch.setenv("MOCAST_JWT_AUDIENCE", "mocast")
    monkeypatch.setenv("MOCAST_HOST", "0.0.0.0")
    assert cli.main(["token", "--room", "hall", "--grant", "subscribe", "--subject", "ann"]) == 0
    server = make_authenticator(AuthOptions(mode="jwt", jwt_secret=2 * SECRET, jwt_audience="mocast"))
    assert (await server.authenticate(capsys.readouterr().out.strip())).subject == "ann"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--room", "hall"], "--grant"),
        (["--grant", "publish"], "--room"),
        (["--grant", "metrics", "--grant", "admin"], "--room"),
        (["--room", "hall", "--grant", "fly"], "fly"),
        (["--room", "hall", "--grant", "publish", "--ttl", "1"], "no time"),
        (["--room", "hall", "--grant", "publish", "--ttl", "0h"], "no time"),
        (["--room", "hall", "--grant", "publish", "--subject", ""], "printable"),
        (["--room", "my hall", "--grant", "publish"], "fits no room"),
        (["--room", "..", "--grant", "publish"], "fits no room"),
    ],
)
def test_what_is_missing_or_wrong_is_named(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["token", *words, "--auth", "token", "--token", SECRET])
    assert end.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "status", "told"),
    [
        (["--auth", "token", "--token", SECRET, "--fly"], 2, "unrecognized arguments: --fly"),
        ([], 1, "asks nobody for a token. Set what the server has, such as MOCAST_AUTH=token"),
        (["--auth", "token", "--token", SECRET, "--token-file", "x"], 1, "needs one of token, token_file"),
        (["--auth", "jwt", "--jwt-key-file", "/none"], 2, "private key"),
    ],
)
def test_without_a_secret_there_is_no_token(
    flags: list[str], status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["token", "--room", "hall", "--grant", "publish", *flags]) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err
