"""Headers of requests that one node has another answer: who the client is, and how far it was forwarded, signed."""

from collections.abc import Mapping
from typing import Final

from aiohttp import hdrs, web
from multidict import CIMultiDict

from mocast.api.authentication import TOKEN
from mocast.api.client_address import client_address, comes_from_proxy
from mocast.api.path_prefix import PREFIX_HEADER
from mocast.cluster.node_signature import NodeSignature

FORWARDED_HEADER: Final = "Mocast-Forwarded"
"""A node's signature of what it forwards; clients' own are not believed."""
MOVED_HEADER: Final = "Mocast-Moved"
"""In a node's answer to another: the room is not here."""

TO_MACHINE: Final = 1
TO_WORKER: Final = 2
"""Where a request has been forwarded to, as its signature has it: to another machine; to a worker of one."""

HOP_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding"}
    | {"upgrade", "proxy-connection", "expect"}
)
"""Of one connection, not of the message (RFC 9110, section 7.6.1)."""
NOT_SENT: Final = HOP_BY_HOP | {
    "content-length",  # of the body that is sent: one more or less byte would be another client's request
    "authorization",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-prefix",
    FORWARDED_HEADER.lower(),
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
    "sec-websocket-protocol",
}
NOT_RETURNED: Final = HOP_BY_HOP | {"date", "server", "vary", "content-length", MOVED_HEADER.lower()}
"""What this node sets itself."""


def sent_headers(
    request: web.Request, signature: NodeSignature, hops: int, method: str | None = None
) -> CIMultiDict[str]:
    """Return the client's headers, what this node knows of the client, and the signature of that.

    ``hops``: where it is forwarded to. ``method``: with which the node is asked, where that is not the client's.
    """
    headers = CIMultiDict(
        (name, text) for name, text in request.headers.items() if name.lower() not in NOT_SENT and _is_text(text)
    )
    prefix = request.headers.get(PREFIX_HEADER, "") if comes_from_proxy(request) else ""
    client = client_address(request)
    if TOKEN in request and request[TOKEN].isprintable():  # of a query it may be lines
        headers[hdrs.AUTHORIZATION] = f"Bearer {request[TOKEN]}"
    headers["X-Forwarded-For"] = client
    if prefix:
        headers[PREFIX_HEADER] = prefix
    signed = signature.sign(str(hops), method or request.method, target(request), client, prefix)
    headers[FORWARDED_HEADER] = f"{hops}.{signed}"
    return headers


def hops_of(request: web.Request, signature: NodeSignature) -> int:
    """Return where another node of the cluster has forwarded a request to; 0: it comes from a client."""
    hops, _, signed = request.headers.get(FORWARDED_HEADER, "").partition(".")
    client, prefix = request.headers.get("X-Forwarded-For", ""), request.headers.get(PREFIX_HEADER, "")
    if not signed or not signature.is_valid(signed, hops, request.method, target(request), client, prefix):
        return 0
    return int(hops)


def returned_headers(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """Return those of another node's answer that the client gets."""
    return CIMultiDict((name, text) for name, text in headers.items() if name.lower() not in NOT_RETURNED)


def target(request: web.Request) -> str:
    """A request's path and query: a fragment, which no client should write, would not be sent."""
    return request.rel_url.raw_path_qs


def _is_text(value: str) -> bool:
    """Whether a header's value came in UTF-8; of others aiohttp reads bytes that it does not write."""
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)
