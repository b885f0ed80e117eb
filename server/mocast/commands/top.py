"""``mocast top``: a live table of a server's rooms, in the terminal, from what the server tells over HTTP."""

import argparse
import json
import os
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from prometheus_client.parser import text_string_to_metric_families
from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from mocast.commands.http_errors import reason, refusal
from mocast.trust import CACERT_HELP, trusting

TIMEOUT_S: Final = 10.0
MAX_BYTES: Final = 4 * 2**20
"""Of an answer; a thousand rooms are less than one MB."""

LATE_S: Final = 0.05
SLOW_MS: Final = 100.0
"""From here on a figure is shown in red: an event loop that is late, a delay that is felt."""

COLUMNS: Final = ("state", "in", "done", "sent", "ms", "p95", "lost/s", "size", "view", "ws", "out", "rec")
"""After the room: fps in, tracked and returned; the delay and its 95th percentile; frames dropped; who takes part. They
fit 80 columns."""

Fetch = Callable[[str], bytes]
"""Returns the body at a path. Raises ``OSError``."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a server told at one time."""

    at_s: float
    info: Mapping[str, Any] = field(default_factory=dict)
    rooms: Sequence[Mapping[str, Any]] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    "Samples without labels, by their names."
    labels: Mapping[str, str] = field(default_factory=dict)
    "Of ``mocast_build_info``."
    problems: Sequence[str] = ()
    "What could not be had, and why."


def top(words: Sequence[str]) -> int:
    """Show the table until Ctrl-C, or once; return the process's exit status, 1 where nothing could be had."""
    options = _parse(words)
    fetch = http(options.server, options.token, options.tls)
    console = Console()
    snapshot, before = read(fetch), None
    if options.once:
        console.print(render(options.server, snapshot, before))
        return 0 if snapshot.info else 1
    screen: Any = Live(console=console, screen=True, auto_refresh=False) if console.is_terminal else nullcontext()
    try:
        with screen as live:
            while True:
                view = render(options.server, snapshot, before)
                if live is None:
                    console.print(view)
                else:
                    live.update(view, refresh=True)
                time.sleep(options.every)
                snapshot, before = read(fetch), snapshot
    except KeyboardInterrupt:
        return 0


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("mocast top", description="A live table of a server's rooms, until Ctrl-C.")
    parser.add_argument("server", nargs="?", default="http://localhost:8080", help="its address (%(default)s)")
    parser.add_argument(
        "--token",
        default=os.environ.get("MOCAST_TOKEN", ""),
        help="with the grant admin, or subscribe and metrics; else that of the variable MOCAST_TOKEN",
    )
    parser.add_argument("--every", type=float, default=2.0, metavar="SECONDS", help="between two looks (%(default)g)")
    parser.add_argument("--once", action="store_true", help="print one table and end")
    parser.add_argument("--cacert", metavar="FILE", help=CACERT_HELP)
    options = parser.parse_args(words)
    options.server = options.server if "://" in options.server else f"http://{options.server}"
    if urlsplit(options.server).scheme not in ("http", "https"):
        parser.error(f"{options.server}: a server's address begins with http:// or https://")
    if not 0.1 <= options.every <= 3600:
        parser.error("--every is 0.1 to 3600 seconds")
    try:
        options.tls = trusting(options.cacert)
    except ValueError as error:
        parser.error(str(error))
    return options


def http(server: str, token: str = "", tls: ssl.SSLContext | None = None) -> Fetch:
    """Return what fetches from a server; the token goes with every request. ``tls``: what trusts its certificate."""
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=tls), _NoRedirects)
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    def fetch(path: str) -> bytes:
        request = urllib.request.Request(f"{server.rstrip('/')}{path}", headers=headers)
        try:
            with opener.open(request, timeout=TIMEOUT_S) as answer:
                body: bytes = answer.read(MAX_BYTES)
        except HTTPException as error:
            raise ConnectionError("the answer is not whole: the server has gone, or speaks no HTTP") from error
        return body

    return fetch


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Lets no server send the token on to another one: a redirect is an error."""

    def redirect_request(self, *_: Any) -> None:
        """Return no request."""


def read(fetch: Fetch) -> Snapshot:
    """Return what the server tells now, as far as it does."""
    problems: list[str] = []

    def asked(path: str, parse: Callable[[bytes], Any], otherwise: Any) -> Any:
        try:
            return parse(fetch(path))
        except urllib.error.HTTPError as error:
            problems.append(f"{path}: {error.code} {refusal(error)}")
        except urllib.error.URLError as error:
            problems.append(f"{path}: {reason(error)}")
        except (OSError, ValueError) as error:
            problems.append(f"{path}: {error}")
        return otherwise

    info = asked("/v1/info", json.loads, {})
    if not info:
        return Snapshot(time.monotonic(), problems=problems)
    metrics, labels = asked("/metrics", _samples, ({}, {}))
    rooms = asked("/v1/rooms", lambda body: json.loads(body)["rooms"], [])
    return Snapshot(time.monotonic(), info, rooms, metrics, labels, problems)


def _samples(body: bytes) -> tuple[dict[str, float], dict[str, str]]:
    values: dict[str, float] = {}
    labels: dict[str, str] = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            if sample.labels.keys() <= {"worker"}:  # of several processes: all of them together, or the latest loop
                others = values.get(sample.name, 0)
                is_lag = sample.name == "mocast_loop_lag_seconds"
                values[sample.name] = max(others, sample.value) if is_lag else others + sample.value
            elif sample.name == "mocast_build_info":
                labels = dict(sample.labels)
    return values, labels


def render(server: str, now: Snapshot, before: Snapshot | None) -> RenderableType:
    """Return the table; rates are those since ``before``."""
    parts: list[RenderableType] = [_headline(server, now), _totals(now, before)]
    parts += [Text(_plain(problem), style="red") for problem in now.problems]
    if now.info:
        parts.append(_rooms(now, before))
    return Group(*parts)


def _headline(server: str, now: Snapshot) -> Text:
    info, labels = now.info, now.labels
    words = [server, str(info.get("version", "")), str(info.get("engine", "")), labels.get("precision", "")]
    if info and not info.get("ready"):
        words.append("not ready")
    return Text(_plain("  ".join(word for word in words if word)), style="bold")


def _totals(now: Snapshot, before: Snapshot | None) -> Text:
    info, metrics = now.info, now.metrics
    text = Text()
    if info:
        text.append(
            f"publishers {info['sessions']}/{info['max_sessions']}  viewers {info['viewers']}/{info['max_viewers']}"
        )
    if metrics:
        lag_s = metrics.get("mocast_loop_lag_seconds", 0.0)
        text.append(f"  cpu {_rate(now, before, 'process_cpu_seconds_total', '{:.0%}')}")
        text.append(f"  memory {metrics.get('process_resident_memory_bytes', 0) / 2**20:.0f} MB")
        text.append(f"  files {metrics.get('process_open_fds', 0):.0f}")
        text.append("  loop lag ")
        text.append(f"{1e3 * lag_s:.0f} ms", style="red" if lag_s > LATE_S else "")
        for name, label in (("in", "in"), ("tracked", "tracked"), ("dropped", "dropped")):
            text.append(f"  {label} {_rate(now, before, f'mocast_frames_{name}_total', '{:.0f}/s')}")
    return text


def _rate(now: Snapshot, before: Snapshot | None, name: str, form: str) -> str:
    if before is None or name not in before.metrics or name not in now.metrics:
        return "-"
    # A server that was started again meanwhile counts from 0.
    grown = max(0.0, now.metrics[name] - before.metrics[name])
    return form.format(grown / max(now.at_s - before.at_s, 1e-3))


def _rooms(now: Snapshot, before: Snapshot | None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, expand=True)
    table.add_column("room", no_wrap=True, ratio=1, min_width=8)  # the others have what they need
    table.add_column(COLUMNS[0], no_wrap=True)
    for name in COLUMNS[1:]:
        table.add_column(name, no_wrap=True, justify="right")
    dropped = {room["room"]: room["statistics"]["frames_dropped"] for room in _published(before)}
    seconds = max(now.at_s - before.at_s, 1e-3) if before else 1.0
    ordered = sorted(now.rooms, key=lambda room: (room["publisher"] is None, room["room"]))
    for room in ordered:
        table.add_row(Text(_plain(room["room"])), *_cells(room, dropped.get(room["room"]), seconds))
    return table


def _published(snapshot: Snapshot | None) -> list[Mapping[str, Any]]:
    return [room for room in snapshot.rooms if room["statistics"]] if snapshot else []


def _cells(room: Mapping[str, Any], dropped: int | None, seconds: float) -> list[Text]:
    stats, publisher = room["statistics"], room["publisher"]
    held = [f"{room[kind]}" for kind in ("viewers", "readers", "outputs")] + ["yes" if room["recording"] else ""]
    if not stats or not publisher:
        source = room.get("source")  # which an older server does not tell
        return [Text(_plain(source["state"]) if source else "empty", style="dim"), *map(Text, [""] * 7 + held)]
    late = "red" if stats["delay_p95_ms"] > SLOW_MS else ""
    lost = "-" if dropped is None else f"{max(0, stats['frames_dropped'] - dropped) / seconds:.1f}"
    rates = [f"{stats[name]:.1f}" for name in ("fps_in", "fps_tracked", "fps_out")]
    return [
        *map(Text, [_plain(publisher["state"]), *rates, f"{stats['delay_ms']:.0f}"]),
        Text(f"{stats['delay_p95_ms']:.0f}", style=late),
        *map(Text, [lost, f"{stats['width']}x{stats['height']}", *held]),
    ]


def _plain(text: object) -> str:
    """A server's text without what a terminal would take for commands."""
    return "".join(character if character.isprintable() else "?" for character in str(text))
