"""The rig's golden files, which the page's tests read, too."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.golden import make

from mocast.model.blendshapes import EXPRESSION_NAMES, SHAPE_NAMES
from mocast.model.humanoid import BONE_NAMES
from mocast.wire import rig_binary, rig_json

GOLDEN = Path(make.__file__).parent


def described(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())
    return content


@pytest.mark.parametrize("name", [*make.RIG_CASES, *make.RIG_2_CASES])
def test_golden_bytes_are_read_as_written_down(name: str) -> None:
    message = (GOLDEN / f"{name}.bin").read_bytes()
    decoded = rig_binary.decode(message[2:])
    assert decoded is not None
    wanted = described(name)["decoded"]
    times = {field: wanted.pop(field) for field in ("frame", "pts", "person", "delay_ms")}
    assert times == {field: getattr(decoded, field) for field in times}
    assert json.loads(json.dumps(make.described_rig(decoded))) == wanted


@pytest.mark.parametrize("name", make.RIG_CASES)
def test_golden_texts_tell_every_value_by_its_name(name: str) -> None:
    source = described(name)["input"]
    text = json.loads((GOLDEN / f"{name}.text.json").read_text())
    rotations = zip(BONE_NAMES, source["rotations"], strict=True)
    assert all(text["rotations"][bone] == pytest.approx(rotation, abs=1e-5) for bone, rotation in rotations)
    assert text["shapes"] == pytest.approx(dict(zip(SHAPE_NAMES, source["shapes"], strict=True)), abs=1e-3)
    weights = dict(zip(EXPRESSION_NAMES, source["expressions"], strict=True))
    assert text["expressions"] == pytest.approx(weights, abs=1e-3)
    assert text["found"] == source["found"]
    assert (text["head"] is None) == (source["head"] is None)
    assert list(text["planted"].values()) == source["planted"]
    for hand, offsets in zip(text["hand_targets"].values(), source["hand_targets"]["offsets"], strict=True):
        np.testing.assert_allclose(list(hand["offsets"].values()), offsets, atol=1e-3)


@pytest.mark.parametrize("name", ["rig-rest", "rig-half-body", "rig-other-person", "rig2-rest", "rig2-moving"])
def test_both_formats_tell_the_same(name: str) -> None:
    text = rig_json.decode((GOLDEN / f"{name}.text.json").read_text())
    binary = rig_binary.decode((GOLDEN / f"{name}.bin").read_bytes()[2:])
    assert text is not None
    assert binary is not None
    assert (text.frame, text.pts, text.person) == (binary.frame, binary.pts, binary.person)
    assert text.found == binary.found
    np.testing.assert_allclose(text.hips, binary.hips, atol=2e-4)
    np.testing.assert_allclose(text.shapes, binary.shapes, atol=3e-3)
    alike = np.abs((text.rotations * binary.rotations).sum(axis=1))
    np.testing.assert_allclose(alike, 1, atol=1e-5)
    assert text.planted == binary.planted
    np.testing.assert_allclose(text.hand_targets.offsets, binary.hand_targets.offsets, atol=1e-3)
    np.testing.assert_allclose(text.hand_targets.nearness, binary.hand_targets.nearness, atol=3e-3)
    np.testing.assert_allclose(text.hand_targets.touching, binary.hand_targets.touching, atol=3e-3)
