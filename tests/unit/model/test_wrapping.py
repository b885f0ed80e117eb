import pytest

from mocast.model.wrapping import ahead, wrapped


@pytest.mark.parametrize(
    ("number", "of", "difference"),
    [
        (7, 5, 2),
        (5, 7, -2),
        (5, 5, 0),
        (1, 2**32 - 1, 2),
        (2**32 - 1, 1, -2),
        (2**31 - 1, 0, 2**31 - 1),
        (2**31, 0, -(2**31)),
    ],
)
def test_a_number_is_ahead_by_the_shorter_way_round(number: int, of: int, difference: int) -> None:
    assert ahead(number, of) == difference


def test_a_number_wraps_to_32_bits() -> None:
    assert [wrapped(number) for number in (0, 2**32 - 1, 2**32, 2**40 + 7, -1)] == [0, 2**32 - 1, 0, 7, 2**32 - 1]
