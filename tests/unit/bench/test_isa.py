"""What the table of instruction sets says."""

from pathlib import Path

from bench import isa

INTEL_LAPTOP = "processor\t: 0\nflags\t\t: fpu avx2 avx_vnni\n"
F32 = {"ms": 2.0}
OF_HAND = {**F32, "int8": {"share": 0.415, "px": 0.25, "m": 0.0036}, "bf16": {"failed": "no"}, "auto": "int8"}


def test_only_what_the_processor_has_is_shown(tmp_path: Path) -> None:
    (cpuinfo := tmp_path / "cpuinfo").write_text(INTEL_LAPTOP)
    assert isa.shown_here(cpuinfo) == ["AVX2", "AVX2_VNNI"]
    assert isa.shown_here(tmp_path / "none") == []


def test_each_form_is_told_beside_f32() -> None:
    found = dict.fromkeys(isa.NETWORKS, F32) | {"hand_landmark": OF_HAND}
    text = isa.report({"AVX2": found}, ["AVX512_CORE_BF16"])
    assert "| hand_landmark | AVX2 | 2.00 | does not run | 0.41 (0.25, 3.6) | int8 |" in text
    assert "| face_landmark | AVX2 | 2.00 |  |  | f32 |" in text
    assert text.endswith("This processor does not have, so cannot show: AVX512_CORE_BF16.")


def test_whole_frames_are_told_beside_the_solution() -> None:
    row = {"cpu_ms": 40.0, "processor_speedup": 1.0}
    of_set = {"mp.solutions": row, "openvino exact": {"cpu_ms": 25.0, "processor_speedup": 1.6}}
    text = isa.report_frames({"AVX2": {"tracking": {"holistic": of_set}, "precision": "f32"}})
    assert "| AVX2 | mp.solutions: 40.0 | 25.0, 1.6 | f32 |" in text
    assert "| at most | not limited, ms | openvino exact: ms, times as fast | reduced to |" in text
