"""Answers of several nodes as one: lists, figures that are added, and metrics with the label ``worker``."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

import orjson

Answers = Sequence[tuple[str, bytes]]
"""Each node's name and the body that it answered with, the asked one's first."""

WORKER: Final = "worker"


def lists_merged(key: str) -> Callable[[Answers], bytes]:
    """Return what joins the lists ``key`` of several objects into one."""

    def merge(answers: Answers) -> bytes:
        return orjson.dumps({key: [item for _, body in answers for item in orjson.loads(body)[key]]})

    return merge


def counts_added(keys: Collection[str]) -> Callable[[Answers], bytes]:
    """Return what adds up these fields of several objects; all other fields are the first one's."""

    def merge(answers: Answers) -> bytes:
        told: list[dict[str, Any]] = [orjson.loads(body) for _, body in answers]
        return orjson.dumps({**told[0], **{key: sum(one.get(key, 0) for one in told) for key in keys}})

    return merge


def metrics_merged(answers: Answers) -> bytes:
    """Return metrics in Prometheus' text format (version 0.0.4) as one page, each series with its ``worker``."""
    families: dict[str, tuple[list[str], list[str]]] = {}
    "By name: its comments, once, and the series of all."
    for name, body in answers:
        comments: list[str] = []
        series: list[str] = []
        for line in body.decode().splitlines():
            if line.startswith("#"):
                _, word, family = line.split(" ", 3)[:3]
                comments, series = families.setdefault(family, ([], []))
                if not any(comment.startswith(f"# {word} ") for comment in comments):
                    comments.append(line)
            elif line:
                series.append(_labelled(line, name))
    lines = (line for comments, series in families.values() for line in (*comments, *series))
    return ("\n".join(lines) + "\n").encode()


def _labelled(line: str, worker: str) -> str:
    """A series' line with one label more, before all others."""
    metric, brace, rest = line.partition("{")
    if brace:
        return f'{metric}{{{WORKER}="{worker}"{"" if rest.startswith("}") else ","}{rest}'
    metric, _, value = line.partition(" ")
    return f'{metric}{{{WORKER}="{worker}"}} {value}'
