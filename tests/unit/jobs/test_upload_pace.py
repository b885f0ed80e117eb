import time

from mocast.jobs.upload_pace import UploadPace


async def seconds(pace: UploadPace, pieces: int) -> float:
    began = time.monotonic()
    for _ in range(pieces):
        await pace.wait(1000)
    return time.monotonic() - began


async def test_uploads_come_at_their_rate_while_somebody_is_live() -> None:
    live = [True]
    pace = UploadPace(100_000, lambda: live[0])
    assert await seconds(pace, 30) >= 0.19  # a tenth of a second's bytes came at once
    live[0] = False
    assert await seconds(pace, 1000) < 0.19


async def test_without_a_rate_they_come_as_they_like() -> None:
    assert await seconds(UploadPace(0, lambda: True), 1000) < 0.19
