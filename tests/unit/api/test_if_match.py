"""If-Match: lists, any state, weak tags, and what is none."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from mocast.api.if_match import MAX_CHARACTERS, require_match
from mocast.errors import PreconditionFailed, PreconditionRequired

ETAG = '"5f2a"'


def request(*values: str) -> web.Request:
    return make_mocked_request("PATCH", "/", CIMultiDict([("If-Match", value) for value in values]))


@pytest.mark.parametrize(
    "values",
    [[ETAG], ["*"], [" * "], ['"*"'], [f'"a", {ETAG}'], [f'"a,b",{ETAG}'], ['"a"', ETAG], [f'W/"5f2a", {ETAG}']],
)
def test_the_present_state_among_those_named_is_a_match(values: list[str]) -> None:
    require_match(request(*values), ETAG, is_needed=True)


@pytest.mark.parametrize("values", [['"5f2b"'], ['W/"5f2a"'], ["5f2a"], ['"a", "b"'], ['"5F2A"'], ['"'], ["*, x"]])
def test_no_other_is(values: list[str]) -> None:
    with pytest.raises(PreconditionFailed):
        require_match(request(*values), ETAG, is_needed=False)


def test_no_more_is_read_of_it_than_clients_send() -> None:
    with pytest.raises(PreconditionFailed):
        require_match(request('"",' * (MAX_CHARACTERS // 3) + ETAG), ETAG, is_needed=True)
    require_match(request(ETAG, '"",' * MAX_CHARACTERS), ETAG, is_needed=True)


def test_without_one_a_change_is_refused_where_it_is_needed() -> None:
    require_match(request(), ETAG, is_needed=False)
    for empty in (request(), request("")):
        with pytest.raises(PreconditionRequired):
            require_match(empty, ETAG, is_needed=True)
