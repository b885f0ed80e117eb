"""Callbacks DAT of a WebSocket DAT: a Mocast room's joints as rows of the Table DAT `joints`, newest frame only."""

import json

JOINTS = {"nose": 0}  # of the pose's 33: docs/wire-format.md
for _index, _name in enumerate(("shoulder", "elbow", "wrist")):
    JOINTS |= {f"left_{_name}": 11 + 2 * _index, f"right_{_name}": 12 + 2 * _index}
for _index, _name in enumerate(("hip", "knee", "ankle")):
    JOINTS |= {f"left_{_name}": 23 + 2 * _index, f"right_{_name}": 24 + 2 * _index}


def onReceiveText(dat, rowIndex, message):  # noqa: N802, N803 (TouchDesigner's names)
    """Write the pose of a frame; keep the last one while nobody is seen."""
    frame = json.loads(message)
    if frame["type"] != "landmarks" or not frame["pose"]:
        return
    table = op("joints")  # noqa: F821 (TouchDesigner's)
    table.clear()
    table.appendRow(["name", "x", "y", "z", "visibility"])
    for name, index in JOINTS.items():
        table.appendRow([name, *frame["pose"]["image"][index], frame["pose"]["visibility"][index]])
