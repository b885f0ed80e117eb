"""Tokens outlive the process, in a file that is nobody else's, and a broken file is only one more question."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mocast.outputs.vts_tokens import Tokens, default_path


def test_a_token_is_read_again_by_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "tokens.json"
    Tokens(path).put("a:8001", "secret")
    assert Tokens(path).get("a:8001") == "secret"
    assert Tokens(path).get("b:8001") is None


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    path.write_text("{}")
    path.chmod(0o644)
    Tokens(path).put("a:8001", "secret")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert os.listdir(tmp_path) == ["tokens.json"]


def test_a_token_that_is_forgotten_is_gone_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    tokens = Tokens(path)
    tokens.put("a:8001", "one")
    tokens.put("b:8001", "other")
    tokens.forget("a:8001")
    tokens.forget("c:8001")
    assert json.loads(path.read_text()) == {"b:8001": "other"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a:8001": 5}', "\x00"])
def test_a_file_that_is_not_ours_holds_no_tokens(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(text)
    assert Tokens(path).get("a:8001") is None


def test_without_a_file_they_are_kept_in_memory() -> None:
    tokens = Tokens()
    tokens.put("a:8001", "secret")
    assert tokens.get("a:8001") == "secret"


def test_the_user_s_own_file_is_in_the_folder_of_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert default_path() == tmp_path / "mocast" / "vtube-studio.json"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("APPDATA", str(tmp_path / "Roaming"))
    assert default_path() == tmp_path / "Roaming" / "mocast" / "vtube-studio.json"


def test_tokens_of_several_outputs_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    tokens = Tokens(path)
    with ThreadPoolExecutor(8) as outputs:
        list(outputs.map(lambda number: tokens.put(f"a:{number}", "secret"), range(64)))
    assert len(json.loads(path.read_text())) == 64
    assert os.listdir(tmp_path) == ["tokens.json"]
