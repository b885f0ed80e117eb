"""Runs something while it counts the packets that leave this machine: in a bare container, with nothing but Python.

Usage: ``watched.py serve``: a server that tracks a picture; ``watched.py import``: OpenVINO without Mocast.
Prints JSON: what came of it, and who was written to. Needs CAP_NET_RAW.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

OUTGOING = 4  # PACKET_OUTGOING, linux/if_packet.h
ALL, IPV4, IPV6, ICMPV6 = 3, 0x0800, 0x86DD, 58  # linux/if_ether.h; RFC 4443
STRAGGLERS_S = 3.0
PICTURE = next((Path(sys.prefix) / "lib").glob("python*/site-packages/mocast/commands/doctor.jpg"))
MOCAST = [sys.executable, "-m", "mocast", "serve", "--port", "0", "--warm", "pose", "--log-format", "json"]


def destination(kind: int, packet: bytes) -> str:
    """Who a packet is for; empty: the kernel's own ICMPv6, which looks for routers and neighbours."""
    if kind == IPV4:
        return socket.inet_ntop(socket.AF_INET, packet[16:20])
    return "" if packet[6] in (0, ICMPV6) else socket.inet_ntop(socket.AF_INET6, packet[24:40])


def watched(act: Callable[[], Any]) -> dict[str, Any]:
    """What came of it, and all destinations of packets that left by another interface than loopback."""
    written_to: list[str] = []
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ALL))

    def watch() -> None:
        while True:
            packet, (interface, kind, direction, *_) = sniffer.recvfrom(65_536)
            if direction == OUTGOING and interface != "lo" and kind in (IPV4, IPV6):
                written_to.append(destination(kind, packet))

    threading.Thread(target=watch, daemon=True).start()
    result = act()
    time.sleep(STRAGGLERS_S)
    return {"result": result, "written_to": sorted(set(filter(None, written_to)))}


def serve() -> dict[str, Any]:
    """Start a server, look at its page, have it track a picture, and stop it."""
    server = subprocess.Popen(MOCAST, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    said = ""
    for line in server.stderr:
        said += line
        if found := re.search(r'"url": "([^"]+)"', line):
            break
    else:
        raise SystemExit(said)
    url = found[1]
    threading.Thread(target=server.stderr.read, daemon=True).start()
    picture = urllib.request.Request(
        f"{url}/v1/images?tracker=pose", PICTURE.read_bytes(), {"Content-Type": "image/jpeg"}
    )
    result = {
        "health": fetch(f"{url}/healthz")[0],
        "page": "<title>Mocast</title>" in fetch(f"{url}/")[1],
        "openapi": fetch(f"{url}/openapi.yaml")[1].startswith("openapi: 3"),
        "engine": json.loads(fetch(f"{url}/v1/info")[1])["engine"],
        "joints": len(json.loads(fetch(picture)[1])["pose"]["landmarks"]),
    }
    server.send_signal(signal.SIGTERM)
    return result | {"status": server.wait(60)}


def fetch(what: Any) -> tuple[int, str]:
    with urllib.request.urlopen(what, timeout=120) as answer:
        return answer.status, answer.read().decode()


def import_openvino() -> int:
    return subprocess.run([sys.executable, "-c", "import openvino"], check=False, env=os.environ).returncode


if __name__ == "__main__":
    print(json.dumps(watched({"serve": serve, "import": import_openvino}[sys.argv[1]])))
