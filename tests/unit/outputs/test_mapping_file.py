"""The mapping file: what it may hold, and what is said of a mistake in it."""

from pathlib import Path

import pytest

from mocast.keys.key_combination import parse_combination
from mocast.outputs.mapping_file import having, parse_mapping, read_mapping, read_triggers, triggers_for
from mocast.outputs.output_options import parse_output_url
from mocast.outputs.triggers import Trigger

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "gesture-hotkeys" / "hotkeys.toml"


def test_triggers_are_read_with_their_defaults() -> None:
    hand = '[[trigger]]\ngesture = "victory"\nhand = "left"\nhold = 1\nhotkey = "Peace"\n'
    assert parse_mapping(hand + '[[trigger]]\nevent = "fall"\nkey = "f13"') == (
        Trigger(gesture="victory", hand="left", hold=1, hotkey="Peace"),
        Trigger(event="fall", key="f13"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[trigger]", "It is not TOML: .*line 1"),
        ("a=" + 50_000 * "[", "It is not TOML: "),
        ("", r"entries that begin with \[\[trigger\]\]\.$"),
        ('[trigger]\ngesture = "fist"', r"entries that begin with \[\[trigger\]\]"),
        ('[[triger]]\ngesture = "fist"', r"and nothing else \(triger\)"),
        ("trigger = [1]", "Trigger 1: .*JSON object"),
        (
            '[[trigger]]\ngesture = "fist"\nkey = "a"\n[[trigger]]\ngestur = "fist"',
            'Trigger 2: Option "gestur".*no such',
        ),
        ('[[trigger]]\ngesture = "fist"\nhand = "third"\nkey = "a"', 'Trigger 1: Option "hand"'),
        ('[[trigger]]\ngesture = "fist"\nhold = -1\nkey = "a"', 'Trigger 1: Option "hold"'),
        ('[[trigger]]\ngesture = "fist"\nhold = "long"\nkey = "a"', 'Trigger 1: Option "hold"'),
        ('[[trigger]]\nshape = "jawOpen"\nbelow = 0\nkey = "a"', 'Trigger 1: Option "below"'),
        ('[[trigger]]\nevent = "dance"\nkey = "a"', 'Trigger 1: Option "event"'),
        ('[[trigger]]\ngesture = "fist"', "Trigger 1: A trigger does something"),
        ('[[trigger]]\ngesture = "fist"\nkey = "a"\n' * 257, "at most 256"),
    ],
)
def test_a_mistake_is_told_by_its_trigger(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"(?s){said}"):
        parse_mapping(text)


def test_a_file_is_named_where_it_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none.toml cannot be read: No such file"):
        read_mapping(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[[trigger]]\ngesture = 'fist'")
    with pytest.raises(ValueError, match=r"bad.toml: Trigger 1: A trigger does something"):
        read_mapping(tmp_path / "bad.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xe9")
    with pytest.raises(ValueError, match=r"latin.toml: "):
        read_mapping(tmp_path / "latin.toml")


def test_one_file_serves_every_app() -> None:
    triggers = read_mapping(EXAMPLE)
    assert {trigger.hotkey for trigger in triggers_for("vts", triggers)} == {"Peace sign", "Heart eyes", "Yes"}
    assert {trigger.blend for trigger in triggers_for("vmc", triggers)} == {"Fun", "Surprised"}
    keys = [parse_combination(trigger.key or "") for trigger in having(triggers, "key")]
    assert keys == [("ctrl", "f13"), ("f14",)]
    assert triggers_for("ifacialmocap", triggers) == ()


def test_an_output_of_the_operator_s_names_its_file() -> None:
    vts = parse_output_url(f"vts://stage?room=main&mapping={EXAMPLE}")
    assert {trigger.hotkey for trigger in read_triggers(vts)} == {"Peace sign", "Heart eyes", "Yes"}
    assert read_triggers(parse_output_url("vts://stage")) == ()
    with pytest.raises(ValueError, match="ifacialmocap takes no triggers"):
        read_triggers(parse_output_url(f"ifacialmocap://stage?mapping={EXAMPLE}"))


def test_a_file_that_does_nothing_to_the_app_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text("[[trigger]]\ngesture = 'fist'\nkey = 'a'")
    with pytest.raises(ValueError, match="no trigger has hotkey or hotkey_end"):
        read_triggers(parse_output_url(f"vts://stage?mapping={tmp_path}/keys.toml"))
