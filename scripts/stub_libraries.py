"""Replaces shared libraries that packages are linked with but never call by stubs of some kilobytes.

Run: python -m scripts.stub_libraries SITE_PACKAGES PATTERN...

A library cannot just be deleted: what is linked with it does not load without. Its stub has the same name, and the
functions that the other libraries there take from it, with the same versions of symbols. Calling one ends the process
by an illegal instruction (SIGILL): wrong answers would be worse. ``PATTERN=null`` makes functions that return 0
instead, for those that are asked what they can do when a program starts. Then libraries in folders of auditwheel
(``*.libs``) that nothing needs any more are deleted.

Needs binutils alone: the stub is assembled. Raises ``LookupError`` for a pattern that matches no library, and for
one that others take data from, which has no stub; ``KeyError`` on processors whose instructions are not here.
"""

import argparse
import platform
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

_CRASHES = {"x86_64": "ud2", "aarch64": ".inst 0"}
_RETURNS_NULL = {"x86_64": "xorl %eax, %eax\nret", "aarch64": "mov x0, #0\nret"}

Symbol = tuple[str, str]
"""A name, and its version or "" (as ``nm`` writes them: name@version)."""


def main(words: list[str] | None = None) -> None:
    """Replace them, and say what that saved."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=lambda text: Path(text).resolve(), metavar="SITE_PACKAGES")
    parser.add_argument("patterns", nargs="+", metavar="PATTERN", help="of paths in it; PATTERN=null: returns 0")
    arguments = parser.parse_args(words)
    before = _size(arguments.folder)
    chosen: dict[Path, dict[str, str]] = {}
    for pattern, _, kind in (text.partition("=") for text in arguments.patterns):
        found = list(arguments.folder.glob(pattern))
        if not found:
            raise LookupError(f"{arguments.folder} has no library {pattern}")
        chosen |= dict.fromkeys(found, _RETURNS_NULL if kind == "null" else _CRASHES)
    stub_libraries(arguments.folder, {path: body[platform.machine()] for path, body in chosen.items()})
    delete_unneeded(arguments.folder)
    print(f"libraries that are never called: {(before - _size(arguments.folder)) / 1e6:.0f} MB less")


def stub_libraries(folder: Path, bodies: dict[Path, str]) -> None:
    """Write stubs in place of libraries.

    Args:
        folder: What may need the libraries is in it, at any depth.
        bodies: By each library's path the assembler's lines of each of its functions.
    """
    users = {path: _needed(path) for path in _libraries(folder) if path not in bodies}
    for library, body in bodies.items():
        has = dict(_symbols(library, "--defined-only"))
        taken = {
            symbol: has[symbol]
            for user, needed in users.items()
            if library in needed
            for symbol, _ in _symbols(user, "--undefined-only")
            if symbol in has
        }
        if data := sorted(name for (name, _), kind in taken.items() if kind not in "TWi"):
            raise LookupError(f"{library.name} has no stub, as data are taken from it: {', '.join(data)}")
        _assemble(library, sorted(taken), body)


def delete_unneeded(folder: Path) -> None:
    """Delete libraries in folders ``*.libs`` of a folder that nothing outside them needs, not by others either."""
    bundled = {path for path in _libraries(folder) if path.parent.suffix == ".libs"}
    reached = set(_libraries(folder)) - bundled
    while new := set().union(*map(_needed, reached)) - reached:
        reached |= new
    for path in bundled - reached:
        path.unlink()


def _assemble(library: Path, symbols: list[Symbol], body: str) -> None:
    by_version = defaultdict(list)
    for name, version in symbols:
        by_version[version].append(name)
    functions = (f".globl {name}\n.type {name}, %function\n{name}:\n{body}\n" for name, _ in symbols)
    # Symbols without a version must be in a script of their own, which is none.
    versions = (f"{version} {{ {'; '.join(names)}; }};\n" for version, names in by_version.items() if version)
    with TemporaryDirectory() as temporary:
        source, made, script = (Path(temporary, name) for name in ("stub.s", "stub.o", "stub.map"))
        source.write_text('.section .note.GNU-stack, "", %progbits\n.text\n' + "".join(functions))
        script.write_text("".join(versions))
        subprocess.run(["as", "-o", made, source], check=True)
        scripts = ["--version-script", str(script)] if script.stat().st_size else []
        subprocess.run(["ld", "-shared", "-s", "-soname", library.name, *scripts, "-o", library, made], check=True)


def _libraries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.so*") if path.is_file() and not path.is_symlink())


def _needed(library: Path) -> frozenset[Path]:
    """The libraries that it is linked with, as far as they are where its package has its own."""
    dynamic = _output("readelf", "--dynamic", "--wide", library)
    paths = ":".join(re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.+)\]", dynamic))
    folders = [path.replace("$ORIGIN", str(library.parent)) for path in paths.split(":")]
    names = re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic)
    return frozenset(
        found
        for name in names
        for place in (library.parent, *map(Path, folders))
        if (found := (place / name).resolve()).is_file()
    )


def _symbols(library: Path, which: str) -> Iterator[tuple[Symbol, str]]:
    """Each dynamic symbol, and ``nm``'s letter for its kind."""
    for line in _output("nm", "--dynamic", "--with-symbol-versions", which, library).splitlines():
        kind, symbol = line.split()[-2:]
        name, _, version = symbol.partition("@")
        yield (name, version.removeprefix("@")), kind


def _output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*"))


if __name__ == "__main__":
    main()
