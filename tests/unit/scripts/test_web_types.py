"""The page's generated files are what ``scripts/web_types.py`` makes of the API's document and of the model."""

import json

import pytest
from scripts.web_types import ROOT, generated

from mocast import __version__

COMMANDS = "run: .venv/bin/python -m scripts.web_types && npm --prefix web run docs"


@pytest.mark.parametrize("path", generated())
def test_file_of_the_page_is_as_the_server_defines_it(path: str) -> None:
    assert (ROOT / path).read_text("utf-8") == generated()[path], COMMANDS


def test_the_client_has_the_version_of_the_server_that_serves_it() -> None:
    package = json.loads((ROOT / "web" / "packages" / "client" / "package.json").read_text("utf-8"))
    assert package["version"] == __version__
