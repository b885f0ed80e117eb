"""References that many clients send at once."""

import asyncio
import threading
from typing import Any

import pytest
from tests.peers import HANG_S

from mocast.api.routes.session_reference import MOST_AT_ONCE, ReferenceReader
from mocast.errors import Unavailable


async def test_references_are_read_one_at_a_time_and_few_wait() -> None:
    reader, go_on, at_once, most = ReferenceReader(), threading.Event(), 0, 0

    def take(_: object) -> dict[str, Any]:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        assert go_on.wait(HANG_S)
        at_once -= 1
        return {}

    reading = [asyncio.create_task(reader.read(take, None)) for _ in range(MOST_AT_ONCE)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await reader.read(take, None)
    go_on.set()
    async with asyncio.timeout(HANG_S):
        assert await asyncio.gather(*reading) == [{}] * MOST_AT_ONCE
        assert await reader.read(take, None) == {}
    assert most == 1
