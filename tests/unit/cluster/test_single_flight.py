"""Calls that are shared: made once, answered to all, whoever of them goes."""

import asyncio

import pytest

from mocast.cluster.single_flight import SingleFlight


async def test_calls_of_one_key_are_made_once_at_a_time() -> None:
    flights, made, goes_on = SingleFlight[int](), [], asyncio.Event()

    async def call() -> int:
        made.append(None)
        await goes_on.wait()
        return len(made)

    waiting = [asyncio.create_task(flights.run(key, call)) for key in ("a", "a", "b")]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    goes_on.set()
    assert await asyncio.gather(*waiting) == [2, 2, 2]
    assert len(made) == 2
    assert await flights.run("a", call) == 3, "an answer is kept for nobody who comes later"


async def test_one_who_goes_takes_nobody_along_and_a_fault_is_everybodys() -> None:
    flights, goes_on = SingleFlight[None](), asyncio.Event()

    async def call() -> None:
        await goes_on.wait()
        raise KeyError("room")

    first, second = (asyncio.create_task(flights.run("a", call)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    goes_on.set()
    with pytest.raises(KeyError):
        await second
    with pytest.raises(KeyError):
        await flights.run("a", call)
