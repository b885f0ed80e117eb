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
