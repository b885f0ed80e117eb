"""An event's message: what it holds, and what is read back."""

import orjson
import pytest

from mocast.model.analysis import Event
from mocast.wire import event_json

EVENT = Event(
    "gesture", 2**32 + 9000, 1_767_323_045_678_901_234, 1, {"hand": "left", "gesture": "victory", "sure": 0.75}
)


def test_a_message_says_where_when_and_what() -> None:
    assert orjson.loads(event_json.encode(EVENT, "studio", missed=2)) == {
        "type": "event",
        "version": 1,
        "room": "studio",
        "missed": 2,
        "event": {
            "type": "gesture",
            "pts": 9000,
            "at": "2026-01-02T03:04:05.678+00:00",
            "person": 1,
            "data": EVENT.data,
        },
    }


def test_it_is_read_back_to_the_millisecond() -> None:
    read = event_json.decode(event_json.encode(EVENT, "studio"))
    assert read == Event("gesture", 9000, 1_767_323_045_678_000_000, 1, EVENT.data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "3",
        '{"type": "rig", "version": 1}',
        '{"type": "event", "version": 2, "event": {"type": "gesture"}}',
        '{"type": "event", "version": 1, "event": {"type": "dance", "pts": 1, "at": "2026-01-02T03:04:05+00:00"}}',
        '{"type": "event", "version": 1, "event": {"type": "rep", "pts": 1, "at": "then", "person": 0, "data": {}}}',
        '{"type": "event", "version": 1, "event": {"type": "rep", "pts": 1, "at": 7, "person": 0, "data": {}}}',
        '{"type": "event", "version": 1, "event": ["rep"]}',
    ],
)
def test_what_is_no_event_is_none(text: str) -> None:
    assert event_json.decode(text) is None
