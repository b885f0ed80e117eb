"""The documentation's links lead somewhere, and what it repeats of the code is what the code says."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from scripts import client_docs

from mocast.settings.settings_table import settings_table

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
FENCED = re.compile(r"^(```+)\w*\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
FOLDERS = [ROOT / "server/mocast", ROOT, ROOT / "server/mocast/tracking/openvino"]
"""What paths in the architecture are relative to; the last in its section of that engine."""
PATH = re.compile(r"(?<![\w/.:-])(?:[a-z_][\w-]*(?:/[\w.-]*\w)+/?|\w+\.(?:py|md|yaml)\b|[a-z_]+/(?=[`\s]))")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)

NAMED_TEST = re.compile(r"`(test_\w+\.py)::(test_\w+)`")
REQUIREMENT = re.compile(r"^\| [\d.]+ \|(?:[^|\n]*\|){2} ([^|\n]+) \|([^|\n]*)\|$", re.MULTILINE)
"""A row of the conformance table: what becomes of the requirement, and its tests."""

ROOTED = re.compile(r"`((?:server|web|tests|scripts|deploy|examples|docs)/[\w./-]+)`")
"""Paths from the repository's root, in any page."""


def prose(page: Path) -> str:
    """A page without its code."""
    return re.sub(r"`[^`\n]*`", "", FENCED.sub("", page.read_text("utf-8")))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = HEADING.findall(FENCED.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> list[str]:
    broken = []
    for link in LINK.findall(prose(page)):
        path, _, anchor = unquote(link).partition("#")
        if path.startswith(("http://", "https://")):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_a_file_and_its_heading(page: Path) -> None:
    assert broken_links(page) == []


def test_every_path_that_the_architecture_names_exists() -> None:
    text = LINK.sub("]", (ROOT / "docs" / "architecture.md").read_text("utf-8"))
    paths = set(PATH.findall(text))
    names = {file.name for file in (ROOT / "server").rglob("*.py")}
    assert {"rooms/room.py", "wire/", "docs/settings.md", "app.py"} <= paths
    missing = {path for path in paths if path not in names and not any((folder / path).exists() for folder in FOLDERS)}
    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_from_the_repository_s_root_exist(page: Path) -> None:
    named = ROOTED.findall(page.read_text("utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_test_that_a_page_names_exists() -> None:
    named = {found for page in PAGES for found in NAMED_TEST.findall(page.read_text("utf-8"))}
    tests = {path.name: path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    assert len(named) > 30
    assert {(file, name) for file, name in named if f"def {name}(" not in tests.get(file, "")} == set()


def test_every_requirement_that_is_met_has_its_test() -> None:
    rows = REQUIREMENT.findall((ROOT / "docs" / "whip-conformance.md").read_text("utf-8"))
    assert len(rows) > 150
    assert [row for row in rows if row[0].startswith(("done", "not done")) and not NAMED_TEST.search(row[1])] == []
    assert [row for row in rows if not row[0].startswith(("done", "not done", "n/a", "the operator"))] == []


def test_settings_page_holds_the_table_that_the_command_prints() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert page.endswith("\n\n" + settings_table()), "run: .venv/bin/python -m mocast settings"


@pytest.mark.parametrize(
    ("language", "sources"),
    [
        ("js", ["browser-client/index.html"]),
        ("python", ["python-library/count_raises.py", "python-library/to_csv.py"]),
    ],
)
def test_readme_shows_the_examples_as_they_are(language: str, sources: list[str]) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = re.findall(rf"^```{language}\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    for block, source in zip(shown, sources, strict=True):
        assert block in (ROOT / "examples" / source).read_text("utf-8")


def test_the_page_of_the_python_client_is_what_its_docstrings_say() -> None:
    assert client_docs.PAGE.read_text("utf-8") == client_docs.page(), "run: .venv/bin/python -m scripts.client_docs"
