"""What an operator may set, by flag and by environment, and what is refused with a sentence."""

import os
from pathlib import Path

import pytest

from mocast import cli
from mocast.hosts import bracketed
from mocast.settings.command_line import read_settings
from mocast.settings.kubernetes_variables import kubernetes_variables
from mocast.settings.settings import Settings
from mocast.settings.settings_table import settings_table
from mocast.settings.text import split


def test_every_setting_is_in_the_table_with_its_flag_and_its_variable() -> None:
    table = settings_table()
    for name in Settings.model_fields:
        assert f"| `--{name.replace('_', '-')}` | `MOCAST_{name.upper()}` |" in table


def test_flags_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCAST_PORT", "1234")
    monkeypatch.setenv("MOCAST_MAX_SESSIONS", "5")
    settings = read_settings(["--port", "99"], "serve")
    assert settings is not None
    assert (settings.port, settings.session_limit) == (99, 5)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux's")
def test_only_cores_that_the_process_may_run_on_count_for_the_sessions() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert Settings().session_limit == 2
        assert Settings(max_sessions=7).session_limit == 7
    finally:
        os.sched_setaffinity(0, allowed)


def test_only_this_machine_is_served_unless_told_otherwise() -> None:
    assert Settings().host == "127.0.0.1"


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--port", "70000"], "--port"),
        (["--port", "x"], "--port"),
        (["--video-codecs", "av1"], "video_codecs"),
        (["--warm", "elbow"], "warm"),
        (["--min-bitrate", "3000000"], "min_bitrate"),
        (["--turn-urls", "turn:{host}:3478"], "turn_secret"),
        (["--connect-timeout-s", "0"], "--connect-timeout-s"),
        (["--log-format", "xml"], "--log-format"),
        (["--outputs", "fax://127.0.0.1"], "vmc, vts, ifacialmocap"),
        (["--outputs", "vmc://127.0.0.1 vts://h?room=a/b"], '"room" is not valid'),
        (["--output-networks", "192.168.1.0/24,lan"], "lan"),
        (["--output-networks", "192.168.1.7/24"], "--output-networks: "),
        (["--outputs", "vmc://h vmc://a..b"], "--outputs: "),
        (["--udp-ports", "50100-50000"], "--udp-ports: "),
        (["--udp-ports", "50000-50100", "--udp-port", "50000"], "udp_port and udp_ports exclude each other"),
        (["--ice-tcp"], "ice_tcp needs udp_port"),
        (["--public-ips", "mocast.example.org"], "--public-ips: "),
        (["--ice-interfaces", "10.0.0.0/40"], "--ice-interfaces: "),
        (["--ice-policy", "relay"], "ice_policy relay needs ice_turn_url"),
        (["--ice-turn-url", "turn:h"], "ice_turn_url needs turn_secret"),
        (["--ice-turn-url", "turn:{host}", "--turn-secret", "x"], "--ice-turn-url: "),
        (["--turn-urls", "turn:h?transport=quic", "--turn-secret", "x"], "--turn-urls: "),
        (["--workers", "3000"], "--workers: 3000 is not auto, nor a number from 1 to 99"),
        (["--workers", "autos"], "--workers: autos is not auto"),
        (["--sources", "camera"], "mocast: --sources: Source 1 is not written ROOM=ADDRESS."),
        (["--port"], "mocast serve: argument --port: expected one argument. mocast serve --help lists all flags."),
    ],
)
def test_an_impossible_setting_is_named_and_nothing_starts(
    capsys: pytest.CaptureFixture[str], flags: list[str], named: str
) -> None:
    assert cli.main(["serve", *flags]) == 2
    assert named in capsys.readouterr().err


def test_a_mistyped_flag_is_named_with_the_nearest_one_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", "--max-session", "3", "--qqqqqqqqqqqq"]) == 2
    (told,) = capsys.readouterr().err.splitlines()
    assert told == (
        "mocast serve: unrecognized arguments: --max-session 3 --qqqqqqqqqqqq. Did you mean --max-sessions? "
        "mocast serve --help lists all flags."
    )


def test_a_mistyped_variable_is_named_with_the_nearest_one_and_nothing_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOCAST_MAX_SESSION", "3")
    monkeypatch.setenv("MOCAST_QQQQQQQQQQQQ", "3")
    assert cli.main(["serve", "--port", "0"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "mocast: MOCAST_MAX_SESSION is not a setting; did you mean MOCAST_MAX_SESSIONS?",
        "mocast: MOCAST_QQQQQQQQQQQQ is not a setting",
    ]


KUBERNETES = {
    "MOCAST_SERVICE_HOST": "10.96.0.17",
    "MOCAST_SERVICE_PORT": "80",
    "MOCAST_SERVICE_PORT_HTTP": "80",
    "MOCAST_SERVICE_PORT_TURN_UDP": "3478",
    "MOCAST_PORT": "tcp://10.96.0.17:80",
    "MOCAST_PORT_80_TCP": "tcp://10.96.0.17:80",
    "MOCAST_PORT_80_TCP_PROTO": "tcp",
    "MOCAST_PORT_80_TCP_PORT": "80",
    "MOCAST_PORT_80_TCP_ADDR": "10.96.0.17",
    "MOCAST_PORT_3478_UDP": "udp://10.96.0.17:3478",
    "MOCAST_PORT_3478_UDP_PROTO": "udp",
    "MOCAST_PORT_3478_UDP_PORT": "3478",
    "MOCAST_PORT_3478_UDP_ADDR": "10.96.0.17",
    "MOCAST_RELAY_SERVICE_HOST": "fd00::17",
    "MOCAST_RELAY_SERVICE_PORT": "3478",
    "MOCAST_RELAY_PORT": "tcp://[fd00::17]:3478",
    "MOCAST_RELAY_PORT_3478_TCP_ADDR": "fd00::17",
}
"""What a pod finds beside Services named ``mocast`` (ports ``http`` and ``turn-udp``) and ``mocast-relay``."""


def set_all(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_what_kubernetes_injects_for_a_service_named_mocast_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, KUBERNETES | {"MOCAST_MAX_SESSIONS": "5"})
    settings = read_settings([], "serve")
    assert settings is not None
    assert (settings.port, settings.max_sessions) == (8080, 5)
    assert kubernetes_variables(os.environ) == KUBERNETES.keys()


def test_a_setting_is_never_taken_for_what_kubernetes_injects(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, KUBERNETES | {"MOCAST_PORT": "9000"})
    settings = read_settings([], "serve")
    assert settings is not None
    assert settings.port == 9000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOCAST_PORT", "tcp:9000"),
        ("MOCAST_PORT_80_TCP_HOST", "10.96.0.17"),
        ("MOCAST_PORT_80_TCP_PORT", "eighty"),
        ("MOCAST_SERVICE_NAME", "mocast"),
        ("MOCAST_SERVICE", "10.96.0.17"),
        ("MOCAST_OTHER_PORT", "tcp://10.96.0.17:80"),
    ],
)
def test_what_only_looks_like_it_is_still_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    set_all(monkeypatch, KUBERNETES | {name: value})
    assert cli.main(["serve", "--port" if name != "MOCAST_PORT" else "--max-sessions", "0"]) == 2
    assert name.removeprefix("MOCAST_").lower() in capsys.readouterr().err.lower()


def test_without_the_services_own_address_nothing_is_injected(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOCAST_PORT", "tcp://10.96.0.17:80")
    assert cli.main(["serve"]) == 2
    assert "port" in capsys.readouterr().err


def test_variables_of_others_and_any_case_of_ours_are_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("mocast_port", "99")
    monkeypatch.setenv("MOCASTING", "1")
    settings = read_settings([], "serve")
    assert settings is not None
    assert settings.port == 99


def test_secrets_do_not_show() -> None:
    settings = Settings(turn_secret="not to be seen")  # type: ignore[arg-type]
    assert "not to be seen" not in f"{settings} {settings!r}"


def test_lists_are_comma_separated() -> None:
    assert split(" a, b ,,c ") == ("a", "b", "c")
    assert split("") == ()


def test_an_unknown_command_and_no_command_say_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dance"]) == 2
    assert '"dance" is not a command' in capsys.readouterr().err
    assert cli.main([]) == 0
    assert "serve" in capsys.readouterr().out


def test_health_fails_where_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["health", "--port", "1"]) == 1
    assert capsys.readouterr().err == "mocast: no answer on port 1: Connection refused\n"


@pytest.mark.parametrize(
    ("host", "written"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("mocast.lan", "mocast.lan")]
)
def test_hosts_are_written_as_addresses_need_them(host: str, written: str) -> None:
    assert bracketed(host) == written


def test_compiled_networks_are_kept_in_the_users_cache_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert Settings().cache_folder == Path("/home/somebody/.cache/mocast")
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    assert Settings().cache_folder == Path("/home/somebody/.cache/mocast")
    monkeypatch.setenv("XDG_CACHE_HOME", "/fast")
    assert Settings().cache_folder == Path("/fast/mocast")
    assert Settings(cache_dir="here").cache_folder == Path("here")
    assert Settings(cache_dir="").cache_folder is None


def test_compiled_networks_are_not_kept_for_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    assert Settings().cache_folder is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_on_this_machine_alone_nobody_is_asked_for_a_token(host: str) -> None:
    assert not Settings(host=host).is_open


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "mocast.example", ""])
def test_other_machines_are_let_in_only_on_purpose(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert Settings(host=host).is_open
    assert not Settings(host=host, auth="token", token="0123456789abcdef").is_open  # type: ignore[arg-type]
    assert not Settings(host=host, published_on="127.0.0.1").is_open
    assert Settings(host="127.0.0.1", published_on=f"127.0.0.1,{host or '::'}").is_open
    assert cli.main(["serve", "--host", host]) == 2
    (told,) = capsys.readouterr().err.splitlines()
    assert "add --auth token, or --insecure" in told


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--auth", "token", "--token", "0123456789abcdef", "--token-file", "x"], "needs one of token, token_file"),
        (["--token", "0123456789abcdef"], "token does nothing with auth=none"),
        (["--auth", "jwt", "--jwt-key-file", "/none"], "/none: No such file or directory"),
    ],
)
def test_what_authentication_lacks_is_told_before_anything_is_served(
    flags: list[str], told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli.logs, "configure", lambda *_: None)
    assert cli.main(["serve", "--port", "0", *flags]) == 1
    assert told in capsys.readouterr().err


def test_a_secret_is_kept_in_the_users_own_folder_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/configuration")
    assert Settings(auth="token").auth_options.token_file == Path("/configuration/mocast/token")
    assert Settings(auth="token", token="0123456789abcdef").auth_options.token_file is None  # type: ignore[arg-type]
    assert Settings().auth_options.token_file is None


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings(auth="token", token="0123456789abcdef"))  # type: ignore[arg-type]
    assert "0123456789abcdef" not in shown
