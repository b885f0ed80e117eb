"""Thousands of requests to a server: each is answered as the API's document says, and none leaves anything behind."""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import jwt
import orjson
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode

from mocast.api.response_headers import SECURITY_HEADERS
from tests.fuzzing.http_requests import FuzzRequest, handmade

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"

ANY_CALL = {400, 401, 403, 404, 405, 408, 414, 421, 429, 431}
"""What every call may answer, beside what is documented of it."""

DONE_ELSEWHERE = {
    *(("post", path) for path in ("/v1/rooms/{room}/publish", "/v1/rooms/{room}/subscribe")),
    *(("post", path) for path in ("/whip/{room}", "/whep/{room}")),
    *(("patch", path) for path in ("/whip/{room}/{id}", "/whep/{room}/{id}")),
}
"""Their offers and candidates are made by hand: no schema describes SDP."""

ANSWER_LIMIT_S = 60

schemathesis.serializer.alias(["application/offset+octet-stream", "video/*"], "application/octet-stream")
"""What tus calls a piece of a file, and videos are bytes."""


@dataclass(slots=True)
class HttpCampaign:
    """What came of it."""

    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    "By kind of request."
    faults: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    slowest: str = ""

    @property
    def cases(self) -> int:
        """How many requests were answered."""
        return sum(map(Counter.total, self.statuses.values()))

    def add(self, kind: str, answer: requests.Response, documented: set[int], took_s: float) -> None:
        """Take an answer."""
        self.statuses.setdefault(kind, Counter())[answer.status_code] += 1
        if took_s > self.slowest_s:
            self.slowest_s, self.slowest = took_s, kind
        if fault := _fault(answer, documented):
            sent = answer.request.body or b""
            self.faults.append(f"{kind}: {fault}: {answer.request.method} {answer.request.url} {sent[:300]!r}")

    def rows(self) -> str:
        """A table of the answers by kind of request."""
        lines = ["| requests | cases | answers |", "| --- | --- | --- |"]
        for kind, statuses in self.statuses.items():
            told = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
            lines.append(f"| {kind} | {statuses.total()} | {told} |")
        return "\n".join(lines)


TOKEN = jwt.encode({"sub": "x", "exp": 2**33}, bytes(32), "HS256")


def run_campaign(
    url: str, session: str, cases: int, *, only: str = "", token: str = TOKEN, first: int = 0
) -> HttpCampaign:
    """Send that many requests, of all kinds in turn, or of ``only`` one.

    ``session``: the id of a live one, which they may change. ``token``: what forged ones are made of. ``first``:
    another number makes other requests.
    """
    campaign, number = HttpCampaign(), first
    with requests.Session() as http:
        senders = {kind: send for kind, send in _senders(url, session, token, http) if only in ("", kind)}
        each = max(1, min(40, cases // len(senders)))
        while campaign.cases < cases:
            number += 1
            for send in senders.values():
                send(campaign, each, number)
    return campaign


def merged(campaigns: Iterable[HttpCampaign]) -> HttpCampaign:
    """Return what came of all of them."""
    whole = HttpCampaign()
    for campaign in campaigns:
        for kind, statuses in campaign.statuses.items():
            whole.statuses.setdefault(kind, Counter()).update(statuses)
        whole.faults += campaign.faults
        if campaign.slowest_s > whole.slowest_s:
            whole.slowest_s, whole.slowest = campaign.slowest_s, campaign.slowest
    return whole


Send = Callable[[HttpCampaign, int, int], None]


def _senders(url: str, session: str, token: str, http: requests.Session) -> Iterator[tuple[str, Send]]:
    """What sends so many cases of a kind, with a seed."""
    for kind, strategy in handmade(session, token).items():
        yield kind, _handmade_sender(url, kind, strategy, http)
    document: Any = yaml.safe_load(DOCUMENT.read_text("utf-8"))
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    for result in schema.get_all_operations():
        operation = result.ok()
        if (operation.method, operation.path) not in DONE_ELSEWHERE:
            yield operation.label, _described_sender(operation, session, http)


def _handmade_sender(url: str, kind: str, strategy: SearchStrategy[FuzzRequest], http: requests.Session) -> Send:
    documented = {200, 201, 204, 304, 406, 409, 412, 413, 415, 416, 417, 422, 428, 503}

    def send(campaign: HttpCampaign, count: int, number: int) -> None:
        def one(case: FuzzRequest) -> None:
            began = time.perf_counter()
            answer = http.request(
                case.method, url + case.path, data=case.body, headers=case.headers, timeout=ANSWER_LIMIT_S
            )
            campaign.add(kind, answer, documented, time.perf_counter() - began)
            if answer.status_code == 201:
                http.delete(urljoin(answer.url, answer.headers["Location"]), timeout=ANSWER_LIMIT_S)

        _repeat(one, strategy, count, number)

    return send


def _described_sender(operation: Any, session: str, http: requests.Session) -> Send:
    documented = {int(status) for status in operation.definition.raw["responses"]}
    may_have_session = operation.method != "delete" or operation.path.endswith("calibration")

    def send(campaign: HttpCampaign, count: int, number: int) -> None:
        def one(case: Any) -> None:
            if "/sessions/{id}" in case.path and may_have_session and number % 2:
                case.path_parameters["id"] = session
            began = time.perf_counter()
            answer = case.call(session=http, timeout=ANSWER_LIMIT_S)
            campaign.add(operation.label, _as_requests(answer), documented, time.perf_counter() - began)

        mode = GenerationMode.POSITIVE if number % 3 else GenerationMode.NEGATIVE
        _repeat(one, operation.as_strategy(generation_mode=mode), count, number)

    return send


def _repeat(one: Callable[[Any], None], strategy: SearchStrategy[Any], count: int, number: int) -> None:
    checked = settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    with contextlib.suppress(Unsatisfiable):  # nothing about a call without parameters can be wrong
        seed(number)(checked(given(strategy)(one)))()


def _as_requests(answer: Any) -> requests.Response:
    """An answer of schemathesis's as that of the library below it."""
    made = requests.Response()
    made.status_code, made._content, made.request = answer.status_code, answer.content, answer.request
    made.headers.update({name: ", ".join(values) for name, values in answer.headers.items()})
    return made


def _fault(answer: requests.Response, documented: set[int]) -> str:
    """What is wrong with an answer; empty: nothing."""
    status = answer.status_code
    if status not in documented | ANY_CALL:
        return f"{status} is not documented"
    if lacking := [name for name in SECURITY_HEADERS if name not in answer.headers]:
        return f"lacks {lacking[0]}"
    return _problem_fault(answer) if status >= 400 else ""


def _problem_fault(answer: requests.Response) -> str:
    status = answer.status_code
    if answer.headers.get("Content-Type") != "application/problem+json":
        return f"{status} is no problem but {answer.headers.get('Content-Type')}"
    problem = orjson.loads(answer.content)
    if problem["status"] != status or not problem["title"] or not problem["detail"].endswith("."):
        return f"{status} is told as {problem}"
    if status == 503 and not answer.headers.get("Retry-After", "").isdigit():
        return "503 without Retry-After"
    return ""
