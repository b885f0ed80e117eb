"""A network and the region of the picture that it is to look at."""

from functools import partial

from mocast.tracking.openvino.crew import Crew, Task
from mocast.tracking.openvino.crop import Border, cut
from mocast.tracking.openvino.picture import Picture
from mocast.tracking.openvino.region import Region
from mocast.tracking.openvino.request import Outputs, Request


class Looking:
    """Runs a network on one region after another. Used from one thread at a time."""

    def __init__(self, request: Request, crew: Crew, border: Border = "replicate", *, is_short: bool = False) -> None:
        """``border`` is what the network was taught to see outside the picture.

        ``is_short``: it runs in less time than others. Who waits for it begins nothing else, which would end later.
        """
        self._request = request
        self._crew = crew
        self._border = border
        self._is_short = is_short
        self._region: Region | None = None
        self._task: Task | None = None

    @property
    def size(self) -> int:
        """The side of what the network sees, in pixels."""
        return self._request.picture.shape[0]

    @property
    def region(self) -> Region | None:
        """What is looked at, from ``start`` until ``wait``."""
        return self._region

    def start(self, picture: Picture, region: Region) -> None:
        """Have a region looked at, by whoever has time; what was begun before is given up."""
        self.give_up()
        self._region = region
        self._task = self._crew.offer(partial(self._look, picture, region))

    def wait(self) -> Outputs:
        """Return what the network says; its arrays are overwritten by the next ``start``. Raises ``TrackingError``."""
        task, self._task, self._region = self._task, None, None
        if task is not None:
            self._crew.finish(task, helps=not self._is_short)
        return self._request.outputs

    def run(self, picture: Picture, region: Region) -> Outputs:
        """Start and wait."""
        self.start(picture, region)
        return self.wait()

    def give_up(self) -> None:
        """Have nothing begun."""
        task, self._task, self._region = self._task, None, None
        if task is not None:
            self._crew.withdraw(task)

    def _look(self, picture: Picture, region: Region) -> None:
        cut(picture.rgb, picture.own(region), self._request.picture, self._border)
        self._request.run()
