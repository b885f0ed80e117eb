"""The slot between two threads: newest item only, and nobody waits for ever."""

import asyncio
import threading

import pytest

from mocast.pipeline.slot import LatestSlot, in_loop


def test_a_newer_item_evicts_the_one_that_nobody_took() -> None:
    slot: LatestSlot[int] = LatestSlot()
    assert not slot.put(1)
    assert slot.put(2)
    assert len(slot) == 1
    assert slot.get() == 2
    assert len(slot) == 0
    assert not slot.put(3)


def test_closing_wakes_everyone_who_waits() -> None:
    slot: LatestSlot[int] = LatestSlot()
    taken: list[int | None] = []
    readers = [threading.Thread(target=lambda: taken.append(slot.get())) for _ in range(3)]
    for reader in readers:
        reader.start()
    slot.close()
    for reader in readers:
        reader.join(60)
    assert taken == [None] * 3


def test_a_closed_slot_drops_what_is_in_it_and_what_comes() -> None:
    slot: LatestSlot[int] = LatestSlot()
    slot.put(1)
    slot.close()
    assert slot.put(2)
    assert slot.get() is None
    assert len(slot) == 0


def test_of_many_writers_items_each_is_either_taken_or_reported_as_evicted() -> None:
    slot: LatestSlot[tuple[int, int]] = LatestSlot()
    evicted, taken, last = [0] * 4, [], (4, 0)

    def write(writer: int) -> None:
        for number in range(2_000):
            evicted[writer] += slot.put((writer, number))

    def read() -> None:
        while (item := slot.get()) is not None and item != last:
            taken.append(item)

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    evicted.append(slot.put(last))
    reader.join()
    assert len(taken) + sum(evicted) == 8_000
    assert len(set(taken)) == len(taken)
    for writer in range(4):
        own = [number for who, number in taken if who == writer]
        assert own == sorted(own), "an older item came after a newer one"


def test_waiting_for_no_longer_than_told_finds_what_is_there_and_gives_up_on_what_is_not() -> None:
    slot: LatestSlot[int] = LatestSlot()
    slot.put(1)
    assert slot.get(timeout_s=0) == 1
    with pytest.raises(TimeoutError):
        slot.get(timeout_s=0)
    slot.close()
    assert slot.get(timeout_s=0) is None


def test_what_is_waited_for_stays_for_a_newer_one_to_replace_it() -> None:
    slot: LatestSlot[int] = LatestSlot()
    assert slot.take() is None
    slot.put(1)
    assert slot.wait()
    assert slot.put(2)
    assert (slot.take(), slot.take(), len(slot)) == (2, None, 0)


def test_closing_ends_the_wait_for_something_to_take() -> None:
    slot: LatestSlot[int] = LatestSlot()
    found: list[bool] = []
    waiting = threading.Thread(target=lambda: found.append(slot.wait()))
    waiting.start()
    slot.close()
    waiting.join(60)
    assert (found, slot.wait(), slot.take()) == ([False], False, None)


def test_who_is_told_that_it_is_filled_is_told_once_until_it_is_taken() -> None:
    told: list[int] = []
    slot: LatestSlot[int] = LatestSlot(lambda: told.append(len(slot)))
    for number in range(3):
        slot.put(number)
    assert (told, slot.take()) == ([1], 2)
    slot.put(3)
    assert told == [1, 1]
    slot.close()
    slot.put(4)
    assert told == [1, 1]


async def test_an_event_loop_takes_what_another_thread_puts() -> None:
    filled = asyncio.Event()
    slot: LatestSlot[int] = LatestSlot(in_loop(filled.set))
    putting = threading.Thread(target=slot.put, args=(1,))
    putting.start()
    async with asyncio.timeout(60):
        await filled.wait()
    putting.join()
    assert slot.take() == 1


def test_a_loop_that_has_ended_is_told_nothing() -> None:
    async def make() -> LatestSlot[int]:
        return LatestSlot(in_loop(lambda: None))

    slot = asyncio.run(make())
    assert not slot.put(1)
    assert slot.put(2)
