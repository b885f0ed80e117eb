"""Runs all benches and prints one table of figures beside their targets: ``python -m bench.run [--clip FILE]``.

``--write-docs`` puts the tables and plots into ``docs/benchmarks.md`` and the two pages of tracking. It takes about
half an hour; ``--quick`` takes six minutes.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.document import filled, merged
from bench.engines import AUTO, ENGINE_CHOICES
from bench.neighbours import Neighbours
from bench.processes import on_server_core
from bench.report import OUT, REPOSITORY, Figure, circumstances, table, verdict_cells

DOCUMENTS = REPOSITORY / "docs"
BENCHMARKS, TRACKING, TRACKING_SPEED = "benchmarks.md", "tracking.md", "tracking-speed.md"
PLOTS = ("delay.png", "soak.png", "errors.png", "load.png")


@dataclass(frozen=True, slots=True)
class Step:
    """One bench: a module beside this one."""

    name: str
    limit_s: float
    "When it is ended; far above what it takes."
    quick: tuple[str, ...] = ()
    "What makes it short."
    serves: bool = True
    "Whether it chooses its cores and puts its figures into ``--out``; else it gets the server's core."
    always: tuple[str, ...] = ()
    "What else it is told."
    clip: tuple[str, ...] = ("--clip",)
    "What stands before the clip."
    document: str = BENCHMARKS
    "Where its figures go, each a row of the table of all."
    tables: str = ""
    "Where its own tables go; empty: there, too."


STEPS = (
    Step("latency", 300, ("--seconds", "10")),
    Step("throughput", 600, ("--seconds", "4", "--connects", "3")),
    Step("rooms", 600, ("--seconds", "3", "--rooms", "2")),
    Step("overhead", 400, ("--seconds", "4")),
    Step("pictures", 200, ("--count", "20")),
    Step("memory", 300, ("--seconds", "5")),
    Step("rendering", 300, ("--frames", "20"), serves=False),
    Step(
        "parity",
        900,
        ("--frames", "48"),
        always=("--quality", "all", "--noise"),
        clip=(),
        document=TRACKING,
    ),
    Step(
        "engine",
        1500,
        ("--frames", "32", "--seconds", "1", "--sessions", "3"),
        clip=(),
        document=TRACKING,
        tables=TRACKING_SPEED,
    ),
    Step("rig", 300, ("--frames", "60"), serves=False),
    Step("analysis", 300, ("--frames", "60", "--people", "100"), serves=False),
    Step("rigs", 300, ("--seconds", "5")),
    Step("subscribers", 600, ("--seconds", "4", "--rounds", "1")),
    Step("avatar_page", 400, ("--seconds", "10")),
    Step("soak", 1200, ("--minutes", "1")),
)


def main() -> int:
    arguments = _parser().parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    os.environ["MOCAST_ENGINE"] = arguments.engine
    chosen = [step for step in STEPS if not arguments.only or step.name in arguments.only]
    failed = [step.name for step in chosen if not run(step, options(step, arguments), arguments.out)]
    print(f"## All\n\n{summary(arguments.out, STEPS)}\n")
    if arguments.write_docs:
        for document in (BENCHMARKS, TRACKING, TRACKING_SPEED):
            write_document(DOCUMENTS / document, arguments.out)
        for plot in PLOTS:
            if (arguments.out / plot).exists():
                shutil.copyfile(arguments.out / plot, DOCUMENTS / "images" / plot)
    if failed:
        print(f"Failed: {', '.join(failed)}; see their logs in {arguments.out}.", file=sys.stderr)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path, help="a video of a person (default: the moving astronaut, without hands)")
    parser.add_argument("--only", nargs="+", choices=[step.name for step in STEPS], help="leave out the others")
    parser.add_argument("--quick", action="store_true", help="short runs: whether all works, not how fast")
    parser.add_argument("--write-docs", action="store_true", help="put the results into docs/")
    parser.add_argument("--engine", choices=ENGINE_CHOICES, default=AUTO, help="of the servers (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for results (default: %(default)s)")
    return parser


def options(step: Step, arguments: argparse.Namespace) -> list[str]:
    """Return the command line of a step."""
    clip = [*step.clip, str(arguments.clip)] if arguments.clip else []
    out = ["--out", str(arguments.out)] if step.serves else []
    return [*clip, *out, *step.always, *(step.quick if arguments.quick else ())]


def run(step: Step, command_line: Sequence[str], out: Path) -> bool:
    """Run a step in a process group of its own, so that its servers end with it; return whether it succeeded."""
    print(f"## {step.name}\n", flush=True)
    neighbours = Neighbours()
    with (out / f"{step.name}.log").open("wb") as log:
        command = ["-m", f"bench.{step.name}", *command_line]
        process = subprocess.Popen(
            [sys.executable, *command] if step.serves else on_server_core(command),
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        try:
            text, _ = process.communicate(timeout=step.limit_s)
        except subprocess.TimeoutExpired:
            print(f"ended: it took more than {step.limit_s:g} s\n", flush=True)
            return False
        finally:
            _end_group(process)
    print(text, flush=True)
    if process.returncode == 0:
        where = "{processor}, {cores} cores; {date}, commit {commit}".format(**circumstances())
        where += f"; other programs used {neighbours.share():.0%} of the machine"
        prose = "\n".join(line for line in text.splitlines() if not line.startswith("{"))  # without lines of JSON
        (out / f"{step.name}.md").write_text(f"{prose.strip()}\n\n{where}.\n")
        print(f"{where}.\n", flush=True)
    return process.returncode == 0


def _end_group(process: "subprocess.Popen[str]") -> None:
    """End a step with its servers. Usually they have ended by themselves, and the group with them."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def summary(out: Path, steps: Sequence[Step]) -> str:
    """Return all figures of these steps that are in the folder."""
    rows = []
    for step in steps:
        path = out / f"{step.name}.json"
        if path.exists():
            found = json.loads(path.read_text())
            rows += [(*verdict_cells(Figure(**each)), found["measured"]["commit"]) for each in found["figures"]]
    return table(["figure", "measured", "target", "", "commit"], rows)


def write_document(document: Path, out: Path) -> None:
    """Put the results that are in the folder into a document of that name; what is not there stays as it is."""
    before = document.read_text()
    places = {step.name: out / f"{step.name}.md" for step in STEPS if (step.tables or step.document) == document.name}
    sections = {name: path.read_text() for name, path in places.items() if path.exists()}
    if steps := [step for step in STEPS if step.document == document.name]:
        sections["summary"] = merged(before, "summary", summary(out, steps))
    document.write_text(filled(before, sections))


if __name__ == "__main__":
    sys.exit(main())
