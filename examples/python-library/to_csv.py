"""Writes the joints of a film or a camera as CSV: python to_csv.py dance.mp4 [SERVER] > dance.csv"""

import asyncio
import csv
import sys

from mocast.client import MocastClient


async def write(film: str, *server: str) -> None:
    """Write a line for each joint of each frame, until the film ends."""
    table = csv.writer(sys.stdout)
    table.writerow(["frame", "seconds", "joint", "x", "y", "z", "visibility"])
    async with MocastClient(*server) as client, client.publish(film, "csv", tracker="pose") as room:
        async for frame in room.landmarks():
            for name, joint in frame.pose.items() if frame.pose else ():
                table.writerow([frame.frame, frame.pts / 90_000, name, joint.x, joint.y, joint.z, joint.visibility])


if __name__ == "__main__":
    asyncio.run(write(*sys.argv[1:]))
