"""A viewer that is served late loses its own oldest packets, and nothing comes after it has left."""

from tests.sound import opus

from mocast.rooms.audio_subscription import MAX_WAITING, AudioSubscription
from mocast.rooms.fair_queue import QueuedClient
from mocast.webrtc.transport import OpusPacket


class Queue:
    """Serves when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[QueuedClient] = []

    def push(self, client: QueuedClient) -> None:
        if client not in self.waiting:
            self.waiting.append(client)

    def serve(self) -> None:
        while self.waiting:
            self.waiting.pop().flush()


class Viewer:
    """A viewer's connection, and its subscription."""

    def __init__(self) -> None:
        self.queue, self.sent, self.counted = Queue(), list[int](), list[bool]()
        self.joined: list[AudioSubscription] = []
        queue: object = self.queue
        self.subscription = AudioSubscription(self, queue, self.counted.append)  # type: ignore[arg-type]

    def join(self, subscription: AudioSubscription) -> None:
        self.joined.append(subscription)

    def leave(self, subscription: AudioSubscription) -> None:
        self.joined = [other for other in self.joined if other is not subscription]

    def send(self, packet: OpusPacket) -> None:
        self.sent.append(packet.sequence_number)


def test_packets_go_out_in_order_when_the_viewer_is_served() -> None:
    viewer = Viewer()
    viewer.subscription.start(viewer)
    for number in range(3):
        viewer.subscription.put(opus(number))
    assert viewer.sent == []
    viewer.queue.serve()
    assert viewer.sent == [0, 1, 2]
    assert viewer.counted == [False] * 3


def test_a_viewer_that_is_served_late_loses_the_oldest() -> None:
    viewer = Viewer()
    viewer.subscription.start(viewer)
    for number in range(MAX_WAITING + 2):
        viewer.subscription.put(opus(number))
    viewer.queue.serve()
    assert viewer.sent == list(range(2, MAX_WAITING + 2))
    assert viewer.counted.count(True) == 2


def test_it_joins_when_it_is_connected_and_leaves_for_good() -> None:
    viewer = Viewer()
    assert viewer.joined == []
    viewer.subscription.start(viewer)
    assert viewer.joined == [viewer.subscription]
    viewer.subscription.put(opus(0))
    viewer.subscription.stop()
    viewer.queue.serve()
    viewer.subscription.start(viewer)
    assert (viewer.joined, viewer.sent) == ([], [])
