"""Outputs appear whole or not at all."""

from pathlib import Path

from mocast.jobs.whole_files import WholeFiles


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_outputs_get_their_names_together(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("old")
    with WholeFiles(tmp_path) as files:
        for name in ("a.csv", "a.mp4"):
            files.add(name).write_text(name)
        assert (tmp_path / "a.csv").read_text() == "old"
        assert not (tmp_path / "a.mp4").exists()
        assert files.commit() == [tmp_path / "a.csv", tmp_path / "a.mp4"]
    assert names(tmp_path) == ["a.csv", "a.mp4"]
    assert (tmp_path / "a.csv").read_text() == "a.csv"


def test_outputs_that_are_not_complete_are_deleted(tmp_path: Path) -> None:
    with WholeFiles(tmp_path / "new") as files:
        files.add("a.csv").write_text("half")
    assert names(tmp_path / "new") == []
