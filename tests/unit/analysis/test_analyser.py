"""The analyser on whole frames: it answers each, whatever is in it."""

from tests.golden import make

from mocast.analysis.analyser import Analyser
from mocast.model.options import AnalysisOptions


def test_an_analysis_is_of_its_frame() -> None:
    tracked = make.frame(7, person=3)
    analysis = Analyser(AnalysisOptions()).analyse(tracked, None)
    assert (analysis.frame, analysis.pts, analysis.person) == (7, tracked.pts, 3)
    assert analysis.angles is None
    assert analysis.events == ()
