"""The queue of events: in order, bounded, and what is lost is counted."""

from mocast.pipeline.bounded_queue import BoundedQueue


def test_items_come_out_in_order() -> None:
    filled: list[None] = []
    queue: BoundedQueue[int] = BoundedQueue(3, lambda: filled.append(None))
    assert [queue.put(number) for number in (1, 2, 3)] == [False, False, False]
    assert [queue.take() for _ in range(4)] == [1, 2, 3, None]
    assert len(filled) == 3


def test_the_oldest_gives_way_and_is_counted_once() -> None:
    queue: BoundedQueue[int] = BoundedQueue(2)
    assert [queue.put(number) for number in (1, 2, 3, 4)] == [False, False, True, True]
    assert len(queue) == 2
    assert queue.take_dropped() == 2
    assert queue.take_dropped() == 0
    assert [queue.take(), queue.take()] == [3, 4]
