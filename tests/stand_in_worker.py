"""Stands in for ``mocast process`` where what matters is how it behaves: as the word behind the video's head says."""

import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

HEAD = b"GIF89a"

PROMPT = "import sys; from mocast.jobs import confined; confined.yield_processor = int; confined.main(sys.argv[1:])"
"""Python code that confines a job but for its priority: at its own it waits for whatever else the machine does."""


def video(word: str = "done", size: int = 0) -> bytes:
    """A video that has this worker behave in some way."""
    return (HEAD + word.encode() + b"\n").ljust(size, b".")


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


def main() -> None:
    path = Path(sys.argv[1])
    results = Path(sys.argv[3]) / path.stem
    word = path.read_bytes()[len(HEAD) :].partition(b"\n")[0].decode()
    results.mkdir(parents=True, exist_ok=True)
    (results / ".unfinished-video.mp4").write_bytes(b"0123")
    began = results / "began"
    hangs = word == "hang" or (word == "hang-once" and not began.exists())
    began.write_bytes(b"0123")
    say(type="progress", file=path.name, frames=3, of=10, fps=30.04, left_s=0.2)
    if word == "failed":
        say(type="file", file=path.name, state="failed", reason="It holds no video.", outputs=[])
        sys.exit(3)
    elif hangs:
        tempfile.mkstemp()
        time.sleep(3600)
    elif word == "memory":
        bytearray(2**30)
    elif word == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif word == "large-file":
        (results / "large").write_bytes(bytes(2**21))
    elif word == "flood":
        sys.stdout.write("x" * 2**20)
    elif word == "child":
        if os.fork() == 0:
            time.sleep(3600)
        (results / "child").write_text(str(os.getpgid(0)))
    elif word == "told":
        policy = os.sched_getscheduler(0) if sys.platform == "linux" else -1
        known = [name for name in os.environ if name.startswith("MOCAST_")]
        (results / "told.json").write_text(json.dumps({"policy": policy, "known": known, "flags": sys.argv[4:]}))
    began.unlink()
    (results / "summary.json").write_text("{}")
    (results / "video.mp4").write_bytes(b"0123456789")
    say(type="file", file=path.name, state="done", reason="", outputs=["summary.json", "video.mp4"])
    say(type="end", done=1, failed=0)


if __name__ == "__main__":
    main()
