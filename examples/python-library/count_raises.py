"""Counts how often somebody raises both hands above the head: python count_raises.py /dev/video0 [SERVER]"""

import asyncio
import sys

from mocast.client import MocastClient


async def count(camera: str, *server: str) -> None:
    """Print the count whenever both wrists have gone above the nose."""
    raises, were_up = 0, False
    async with MocastClient(*server) as client, client.publish(camera, "gym", tracker="pose") as gym:
        async for frame in gym.landmarks():
            if frame.pose:
                are_up = all(frame.pose[wrist].y < frame.pose["nose"].y for wrist in ("left_wrist", "right_wrist"))
                if are_up and not were_up:
                    print(raises := raises + 1, flush=True)
                were_up = are_up


if __name__ == "__main__":
    asyncio.run(count(*sys.argv[1:]))
