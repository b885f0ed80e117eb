"""A node's membership in a process of its own, which a test may stop: ``python -m tests.cluster.claimant URL NAME``.

Each line that it reads names a room that it acquires. It writes ``ready``, ``here ROOM TOKEN``, ``at NODE ROOM TOKEN``
and ``lost ROOM``.
"""

import asyncio
import sys
from contextlib import aclosing

from mocast.cluster.membership import Membership
from mocast.cluster.redis_directory import RedisDirectory
from tests.directories import node


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def main(url: str, name: str) -> None:
    membership = Membership(RedisDirectory(url), lambda: node(name, 100), lambda room: say(f"lost {room}"))
    async with aclosing(membership.running()) as running:
        await anext(running)
        say("ready")
        while line := await asyncio.to_thread(sys.stdin.readline):
            room = line.strip()
            where = await membership.acquire(room)
            say(f"{'here' if where.is_local else f'at {where.node.id}'} {room} {where.token}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
