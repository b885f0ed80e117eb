"""Events as programs have them."""

from datetime import UTC, datetime

import pytest

from mocast.client.room_event import RoomEvent
from mocast.model.analysis import Event
from mocast.wire import event_json


def test_an_event_is_had_by_its_names() -> None:
    text = event_json.encode(Event("gesture", 9000, 1_767_323_045_678_000_000, 0, {"name": "fist"}), "studio", 3)
    assert RoomEvent.parse(text) == RoomEvent(
        type="gesture",
        room="studio",
        pts=9000,
        at=datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC),
        person=0,
        data={"name": "fist"},
        missed=3,
    )


@pytest.mark.parametrize("text", ['{"type": "rig", "version": 1}', '{"type": "event", "version": 2}'])
def test_other_messages_are_passed_over(text: str) -> None:
    assert RoomEvent.parse(text) is None
