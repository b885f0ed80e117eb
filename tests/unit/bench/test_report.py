import shutil

import pytest
from bench import run
from bench.document import filled, merged
from bench.report import Figure, percentiles, shown, verdict_cells

PAGE = "# Figures\n<!-- measured: one -->\nold\n<!-- end -->\ntext\n<!-- measured: two -->\n<!-- end -->\n"


def test_sections_go_to_their_places_and_the_rest_stays():
    page = filled(PAGE, {"two": "| a |\n"})
    assert "old\n<!-- end -->\ntext\n<!-- measured: two -->\n| a |\n<!-- end -->\n" in page


def test_filling_twice_is_filling_once():
    sections = {"one": "new", "two": r"\1 is no group"}
    once = filled(PAGE, sections)
    assert "old" not in once
    assert filled(once, sections) == once


def test_a_section_without_a_place_is_an_error():
    with pytest.raises(ValueError, match="three"):
        filled(PAGE, {"three": ""})


def test_each_bench_has_a_place_in_the_documents(tmp_path):
    for step in run.STEPS:
        (tmp_path / f"{step.name}.md").write_text(f"of {step.name}")
    texts = []
    for name in (run.BENCHMARKS, run.TRACKING, run.TRACKING_SPEED):
        shutil.copy(run.DOCUMENTS / name, tmp_path)
        run.write_document(tmp_path / name, tmp_path)
        texts.append((tmp_path / name).read_text())
    assert [sum(f"\nof {step.name}\n" in text for text in texts) for step in run.STEPS] == [1] * len(run.STEPS)


def test_figures_that_were_not_measured_again_stay():
    page = filled(PAGE, {"one": "| figure | ms |\n| --- | --- |\n| delay | 1 |\n| rig | 2 |"})
    measured = "| figure | ms |\n| --- | --- |\n| rig | 3 |\n| new | 4 |"
    assert merged(page, "one", measured).splitlines()[2:] == ["| delay | 1 |", "| rig | 3 |", "| new | 4 |"]
    assert merged(page, "two", measured) == measured


@pytest.mark.parametrize(("value", "verdict"), [(129.9, "met"), (130, "met"), (130.1, "missed")])
def test_a_figure_is_held_against_its_target(value, verdict):
    assert verdict_cells(Figure("delay", value, "ms", at_most=130))[2:] == ("≤ 130 ms", verdict)


def test_a_figure_that_is_no_number_misses_its_target():
    assert not Figure("delay", float("nan"), "ms", at_most=130).is_met


def test_a_figure_without_a_target_has_no_verdict():
    assert verdict_cells(Figure("delay", 9000.04, "ms")) == ("delay", "9000 ms", "", "")


def test_percentiles_of_nothing_are_shown_as_nothing():
    assert shown([]) == ["", "", ""]
    assert percentiles(range(101)) == (50, 95, 100)
