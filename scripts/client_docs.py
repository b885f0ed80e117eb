"""Writes docs/client-python.md from the signatures and docstrings of ``mocast.client``.

Run: .venv/bin/python -m scripts.client_docs (a test compares the page with what this would write)
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mocast.client
from mocast.client import MocastError

PAGE = Path(__file__).resolve().parents[1] / "docs" / "client-python.md"
HEAD = """\
# The Python client

<!-- Written by scripts/client_docs.py from the docstrings of mocast.client: change those, and run the script again. -->

It is in Mocast's own package: `from mocast.client import MocastClient`.
{summary}

[Two programs of ten lines](../examples/python-library/README.md) show it at work. What the options, landmarks, rigs and
analyses mean: [HTTP API](http-api.md), [wire format](wire-format.md), [spaces](architecture.md#spaces),
[analysis](analysis.md).
"""
FIRST = ("MocastClient", "Publication", "LandmarkFrame", "PersonLandmarks", "NamedLandmarks", "Landmark", "Point")
"""What a reader wants first; the others follow in the order of their names."""

INTERNAL = {"call", "everybody", "feeder", "get_json", "of_picture", "reader", "room_url"}
"""What the client's parts need of each other."""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), "utf-8")


def page() -> str:
    """Return the page."""
    exported = {name: getattr(mocast.client, name) for name in mocast.client.__all__}
    errors = [kind for kind in exported.values() if issubclass(kind, MocastError)]
    classes = [exported[name] for name in FIRST]
    classes += [kind for kind in exported.values() if kind not in classes and kind not in errors]
    summary = prose(mocast.client).split("\n\n")[1]
    parts = [HEAD.format(summary=summary), *map(class_section, classes), error_section(errors)]
    return "\n".join(parts)


def class_section(kind: type) -> str:
    """Return the section of a class: what it is, its fields, its methods."""
    lines = [f"## {kind.__name__}\n", prose(kind) + "\n"]
    if "__init__" in vars(kind) and kind.__init__.__doc__:  # others are made by the client
        lines += [f"```python\n{signature(kind.__name__, kind.__init__)}\n```\n", prose(kind.__init__) + "\n"]
    rows = [f"| `{name}` | `{annotation}` | {told} |" for name, annotation, told in fields(kind)]
    if rows:
        lines += ["| field | type | |\n| --- | --- | --- |", *rows, ""]
    for name, method in methods(kind):
        lines += [f"### {kind.__name__}.{name}\n", f"```python\n{signature(name, method)}\n```\n", prose(method) + "\n"]
    return "\n".join(lines)


def error_section(kinds: list[type[MocastError]]) -> str:
    """Return the table of errors."""
    rows = [
        f"| `{kind.__name__}` | {kind.status} | {' '.join(prose(kind).partition(chr(10) * 2)[0].split())} |"
        for kind in kinds
    ]
    return "\n".join(["## Errors\n", "| class | status | |\n| --- | --- | --- |", *rows, ""])


def fields(kind: type) -> Iterator[tuple[str, str, str]]:
    """Yield a record's own fields: name, type, and the text on the line below."""
    if not (hasattr(kind, "__dataclass_fields__") or hasattr(kind, "_fields")):
        return
    (tree,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(tree, ast.ClassDef)
    for node, below in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign):
            is_told = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            told = ast.get_source_segment(inspect.getsource(kind), below).strip("\"'") if is_told else ""
            yield ast.unparse(node.target), cell(ast.unparse(node.annotation)), cell(code(" ".join(told.split())))


def methods(kind: type) -> Iterator[tuple[str, Any]]:
    """Yield a class's public methods and properties, in the order in which they are written."""
    for name, member in vars(kind).items():
        found = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        if inspect.isfunction(found) and not name.startswith("_") and name not in INTERNAL:
            yield name, found


def signature(name: str, function: Any) -> str:
    """Return how a function is called, with its types."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    del node.args.args[0]
    returned = f" -> {unquoted(node.returns)}" if name[0].islower() and node.returns else ""
    if [one for one in node.decorator_list if ast.unparse(one) == "property"]:
        return f"{name}{returned.replace(' ->', ':')}"
    for argument in [*node.args.args, *node.args.kwonlyargs]:
        if argument.annotation is not None:
            argument.annotation = ast.Name(unquoted(argument.annotation))
    start = "async " if isinstance(node, ast.AsyncFunctionDef) else ""
    return f"{start}{name}({ast.unparse(node.args)}){returned}"


def unquoted(annotation: ast.expr) -> str:
    """Return a type as it is written, without the quotes that spare an import."""
    return ast.unparse(annotation).strip("\"'")


def prose(thing: Any) -> str:
    """Return a docstring as Markdown."""
    return code(inspect.getdoc(thing) or "")


def code(text: str) -> str:
    """Return text with reStructuredText's code as Markdown's."""
    return text.replace("``", "`")


def cell(text: str) -> str:
    """Return text for a cell of a table."""
    return text.replace("|", "\\|")


if __name__ == "__main__":
    main()
