"""``mocast service``: a unit of systemd, with which Mocast runs as a service of the user's own."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from mocast.settings.settings import Settings

NAME: Final = "mocast.service"

BOOTED: Final = Path("/run/systemd/system")
"""There where systemd runs the machine. Source: sd_booted(3)."""

STOP_MARGIN_S: Final = 10.0
"""How much longer than ``drain_s`` and ``shutdown_timeout_s`` systemd waits before it kills."""

# MemoryDenyWriteExecute is missing, as OpenVINO makes machine code; PrivateDevices, as cameras are devices; what has to
# do with capabilities, as a user's service has none. Without PrivateUsers systemd leaves out, in silence, all that
# protects files in a service of a user's. Sources: systemd.exec(5), systemd.service(5).
UNIT: Final = """\
[Unit]
Description=Mocast, a motion-capture server

[Service]
ExecStart={command}
EnvironmentFile=-%E/mocast/environment
Restart=on-failure
RestartSec=2
RestartPreventExitStatus=2
TimeoutStopSec={stop_s:g}
ConfigurationDirectory=mocast
CacheDirectory=mocast
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={written}
PrivateTmp=yes
PrivateUsers=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
UMask=0077

[Install]
WantedBy=default.target
"""

INSTALLED: Final = """\
written: {path}

Start it, now and whenever you log in:
  systemctl --user daemon-reload && systemctl --user enable --now mocast
Have it run while you are not logged in, too:
  loginctl enable-linger
"""

REMOVED: Final = """\
removed: {path}

End what runs of it:
  systemctl --user stop mocast; systemctl --user daemon-reload
"""


def parse_arguments(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return what to do, ``install`` or ``uninstall``, and the flags of ``mocast serve``."""
    parser = argparse.ArgumentParser(
        "mocast service",
        description="Mocast as a service of your own, by systemd.",
        epilog="install takes the flags of mocast serve, too. What is set in the environment (MOCAST_...) goes into "
        "the service with them.",
    )
    parser.add_argument("action", choices=("install", "uninstall"))
    given, flags = parser.parse_known_args(words)
    if flags and given.action != "install":
        parser.error(f"{given.action} takes no flags")
    return given.action, flags


def manage(action: str, settings: Settings, booted: Path = BOOTED) -> int:
    """Write or remove the unit; return the process's exit status."""
    path = unit_path()
    try:
        if action == "install":
            _install(path, settings, booted)
        else:
            _uninstall(path)
    except ValueError as error:
        print(f"mocast service: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"mocast service: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def unit_path() -> Path:
    """Return where the user's units are. Source: systemd.unit(5), "User Unit Search Path"."""
    configuration = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    return (configuration if configuration.is_absolute() else Path.home() / ".config") / "systemd" / "user" / NAME


def unit(settings: Settings) -> str:
    """Return the unit that serves with these settings. Raises ``ValueError`` where one of them is a secret."""
    command = [sys.executable, "-P", "-m", "mocast", "serve", *_flags(settings)]
    written = ["%E/mocast", "%C/mocast", *(_quoted(f"-{path}") for path in _written(settings))]
    return UNIT.format(
        command=" ".join(_quoted(word).replace("$", "$$") for word in command),
        stop_s=settings.drain_s + settings.shutdown_timeout_s + STOP_MARGIN_S,
        written=" ".join(written),
    )


def _install(path: Path, settings: Settings, booted: Path) -> None:
    if sys.platform != "linux":
        raise ValueError("services are systemd's, which is Linux's alone: docs/deployment.md has the other systems")
    if not booted.is_dir():
        raise ValueError("systemd does not run this machine, so there is nothing that would start a service")
    content = unit(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in _written(settings):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # the service cannot, where all else is read-only
    path.write_text(content)
    print(INSTALLED.format(path=path), end="")


def _uninstall(path: Path) -> None:
    if not path.exists():
        raise ValueError(f"there is no service: {path} is missing")
    path.unlink()
    (path.parent / "default.target.wants" / NAME).unlink(missing_ok=True)  # what `enable` made
    print(REMOVED.format(path=path), end="")


def _flags(settings: Settings) -> Iterator[str]:
    """Yield flags that set what was set here, by flags or by the environment."""
    for name in sorted(settings.model_fields_set):
        value: Any = getattr(settings, name)
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, SecretStr):
            variable, file = f"MOCAST_{name.upper()}", unit_path().parents[2] / "mocast" / "environment"
            raise ValueError(  # noqa: TRY004 (of the user's making)
                f"everybody on the machine can read a service's flags: write {variable}=... into {file}"
            )
        if isinstance(value, bool):
            yield flag if value else flag.replace("--", "--no-", 1)
        elif value is not None:
            yield f"{flag}={value.expanduser().absolute() if isinstance(value, Path) else value}"


def _written(settings: Settings) -> Iterator[Path]:
    """Yield the folders that the server writes to, beside its own of configuration and cache."""
    folders = (settings.recordings_folder, settings.jobs_folder)
    yield from (folder.expanduser().absolute() for folder in folders if folder is not None)
    files = (settings.token_file, settings.vts_tokens_file, settings.turn_secret_file)
    yield from (file.expanduser().absolute().parent for file in files if file is not None)
    if settings.cache_dir not in ("", "auto"):
        yield Path(settings.cache_dir).absolute()


def _quoted(word: str) -> str:
    """Return a word as one of a unit's: without specifiers. Source: systemd.syntax(7), "Quoting"."""
    if any(sign < " " for sign in word):
        raise ValueError(f"{word!r} has signs in it that a unit cannot hold")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if set(word) & set(" '\";") else escaped
