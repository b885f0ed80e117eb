"""Sends a video by tuspy, in an environment of its own: ``tus_client.py ADDRESS VIDEO``. Prints the upload's address.

It breaks off after the first piece and goes on with another client that knows the address alone.
"""

import sys
from pathlib import Path

from tusclient.client import TusClient


def main() -> None:
    address, video = sys.argv[1], Path(sys.argv[2])
    piece_bytes = video.stat().st_size // 3
    first = TusClient(address).uploader(str(video), chunk_size=piece_bytes, metadata={"filename": video.name})
    first.upload_chunk()
    again = TusClient(address).uploader(str(video), chunk_size=piece_bytes, url=first.url)
    assert again.offset == piece_bytes, again.offset
    again.upload()
    print(again.url)


if __name__ == "__main__":
    main()
