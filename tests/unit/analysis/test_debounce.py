"""A debounced value changes when a new one has lasted, once."""

from mocast.analysis.debounce import LEAST_FRAMES, Debounced


def changes(shown: str, *, hold_s: float = 0.375) -> list[tuple[int, str]]:
    """At 8 frames a second: the frames in which the value changed, and what it was then."""
    value = Debounced("-", lambda new: 0.25 if new == "-" else hold_s)
    return [(frame, value.value) for frame, candidate in enumerate(shown) if value.update(candidate, frame / 8)]


def test_what_lasts_counts_once() -> None:
    assert changes("--aaaaaaaa") == [(5, "a")]


def test_what_is_shorter_does_not_count() -> None:
    assert changes("--aaa--bbb--aaa--") == []


def test_a_break_shorter_than_the_release_is_none() -> None:
    assert changes("aaaaaa--aaaaaaa") == [(3, "a")]
    assert changes("aaaaaa----aaaaaa") == [(3, "a"), (9, "-"), (13, "a")]


def test_values_that_flicker_change_nothing() -> None:
    assert changes("aaaaa" + "ab" * 20) == [(3, "a")]
    assert changes("ab" * 20) == []


def test_a_change_of_value_needs_no_break() -> None:
    assert changes("aaaaabbbbb") == [(3, "a"), (8, "b")]


def test_few_frames_a_second_must_be_some_all_the_same() -> None:
    value = Debounced("-", lambda _: 0.3)
    told = [frame for frame, candidate in enumerate("--aaaaaa") if value.update(candidate, frame / 2)]
    assert told == [2 + LEAST_FRAMES - 1]


def test_what_is_interrupted_begins_anew() -> None:
    value = Debounced("-", lambda _: 0.3)
    for frame in range(40):
        if frame % 8 == 7:
            value.interrupt()
        else:
            assert not value.update("a", frame / 24)


def test_it_knows_since_when_it_has_its_value() -> None:
    value = Debounced(False, lambda _: 0.5)
    for frame in range(20):
        value.update(frame >= 10, frame / 10)
    assert (value.value, value.since_s) == (True, 1.0)
