"""Pictures over HTTP: JPEG in, JSON out, one after another, warm: ``python -m bench.pictures [--count 60]``."""

import http.client
import json
import time
from collections.abc import Iterator

import numpy as np

from bench import processes
from bench.bare import bare_ms
from bench.clips import jpeg_pictures
from bench.report import Figure, parser, percentiles, save, shown, table

WARM_PICTURES = 5
"""The first one waits for its tracker to be built."""

ANSWER_LIMIT_S = 30
TARGET_MS = 40.0


def main() -> None:
    options = parser(__doc__, seconds=5)
    options.add_argument("--count", type=int, default=60, help="pictures to send (default: %(default)s)")
    arguments = options.parse_args()
    processes.pin_client()
    with processes.mocast_server(arguments.out / "mocast.log") as server:
        took = np.array(list(answers(server.url, jpeg_pictures(arguments.clip, arguments.count + WARM_PICTURES))))
    whole_ms, tracking_ms = took[WARM_PICTURES:].T
    alone_ms = bare_ms(arguments, "pose", "balanced", "--still")
    rows = [
        ["POST /v1/images?tracker=pose, JPEG of 640x480 to JSON", *shown(whole_ms)],
        ["of that in the tracker", *shown(tracking_ms)],
        ["bare MediaPipe on decoded pictures (static_image_mode)", *shown(alone_ms)],
    ]
    figure = Figure("picture, pose, JPEG to JSON, p50", percentiles(whole_ms)[0], "ms", at_most=TARGET_MS)
    data = {"whole_ms": whole_ms.tolist(), "tracking_ms": tracking_ms.tolist(), "bare_ms": alone_ms.tolist()}
    save(arguments.out, "pictures", [figure], table(["", "p50 ms", "p95 ms", "max ms"], rows), data)


def answers(url: str, pictures: list[bytes]) -> Iterator[tuple[float, float]]:
    """Post each picture; yield how long its answer took and how much of that was tracking, in ms."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=ANSWER_LIMIT_S)
    for picture in pictures:
        began_s = time.monotonic()
        connection.request("POST", "/v1/images?tracker=pose", picture, {"Content-Type": "image/jpeg"})
        answer = connection.getresponse()
        body = answer.read()
        took_ms = 1e3 * (time.monotonic() - began_s)
        if answer.status != 200:
            raise RuntimeError(f"the server answered {answer.status}: {body[:200]!r}")
        found = json.loads(body)
        if found["pose"] is None:
            raise RuntimeError("nobody was found: the figure would say nothing")
        yield took_ms, found["tracking_ms"]
    connection.close()


if __name__ == "__main__":
    main()
