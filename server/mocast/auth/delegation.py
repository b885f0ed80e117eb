"""Tokens for others: a principal hands on a part of what it may do, for a while."""

import secrets
import time
from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import Interval, Len, doc
from pydantic import StringConstraints

from mocast.auth.signed_tokens import MAX_SUBJECT_CHARACTERS
from mocast.errors import Forbidden
from mocast.model.options import ROOM_NAME
from mocast.model.principal import Grant, Principal

LONGEST_TTL_S: Final = 7 * 86_400
"""Of a token that a client asks for: what was handed on cannot be taken back but with the secret."""

_SUFFIX_BYTES: Final = 6


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a token is asked for."""

    room: Annotated[
        str, StringConstraints(pattern=f"^{ROOM_NAME.pattern}$"), doc("The room that the token is for, and no other.")
    ]
    grants: Annotated[tuple[Grant, ...], Len(1), doc("What its bearer may do there, of what the caller may.")] = (
        "subscribe",
    )
    ttl_s: Annotated[
        int,
        Interval(ge=1, le=LONGEST_TTL_S),
        doc("Seconds until it expires; not later than the caller's own token does."),
    ] = 3600


def delegated(principal: Principal, wanted: TokenRequest) -> Principal:
    """Return the principal of a token for somebody else, with a subject of its own: it owns nothing of the caller's.
    It counts among what the caller has, unless that is an admin.

    Raises ``Forbidden`` where the caller lacks one of the grants.
    """
    for grant in wanted.grants:
        if not principal.may(grant, wanted.room):
            raise Forbidden(f'The caller may not hand on "{grant}" in this room.')
    expires_at = int(time.time()) + wanted.ttl_s
    if principal.expires_at is not None:
        expires_at = min(expires_at, int(principal.expires_at))
    # Short enough, however often it is handed on.
    suffix = secrets.token_hex(_SUFFIX_BYTES)
    subject = f"{principal.subject[: MAX_SUBJECT_CHARACTERS - len(suffix) - 1]}/{suffix}"
    # Or whoever makes tokens would have any number of shares.
    account = "" if principal.may("admin", wanted.room) else principal.account
    return Principal(subject, frozenset(wanted.grants), (wanted.room,), expires_at, account)
