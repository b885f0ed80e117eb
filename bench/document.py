"""Puts measured tables into a Markdown document, between the comments that mark their places."""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"(<!-- measured: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(document: str, sections: Mapping[str, str]) -> str:
    """Return the document with each section between ``<!-- measured: NAME -->`` and ``<!-- end -->``.

    Places without a section keep what they hold. Raises ``ValueError`` for a section without a place.
    """
    missing = set(sections) - {place["name"] for place in _PLACE.finditer(document)}
    if missing:
        raise ValueError(f"the document has no place for {', '.join(sorted(missing))}")

    def fill(place: re.Match[str]) -> str:
        section = sections.get(place["name"])
        return place[0] if section is None else f"{place[1]}{section.strip()}\n{place[3]}"

    return _PLACE.sub(fill, document)


def merged(document: str, name: str, table: str) -> str:
    """Return a section's table with the rows of ``table`` in place of those that begin alike, and new ones at its end.

    So rows that were not measured again stay. Raises ``ValueError`` for a section without a place.
    """
    found = next((place[0] for place in _PLACE.finditer(document) if place["name"] == name), None)
    if found is None:
        raise ValueError(f"the document has no place for {name}")
    rows = {}
    for row in (*found.splitlines()[1:-1], *table.splitlines()):
        rows[row.split("|")[1].strip()] = row
    return "\n".join(rows.values())
