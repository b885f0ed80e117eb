"""Pictures of the analysis say what the code does."""

import re

from scripts.analysis_pictures import IMAGES, PICTURES

WORDS = re.compile(r"<text[^>]*>([^<]*)</text>")


def test_figures_and_events_in_the_pictures_are_what_the_code_tells() -> None:
    for name, (_, elements) in PICTURES.items():
        shown = WORDS.findall((IMAGES / f"{name}.svg").read_text("utf-8"))
        assert shown == WORDS.findall("".join(elements())), "run: .venv/bin/python -m scripts.analysis_pictures"
