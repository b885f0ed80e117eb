import pytest

from mocast.errors import Unavailable
from mocast.limiter import Limiter


def test_more_than_there_is_is_refused_and_comes_free_again() -> None:
    limiter = Limiter(3, "Full.", retry_after_s=7)
    limiter.take(2)
    with limiter.lease():
        for refused in (limiter.require, limiter.take):
            with pytest.raises(Unavailable, match="Full") as caught:
                refused()
            assert caught.value.retry_after_s == 7
    limiter.require(1)
    with pytest.raises(Unavailable):
        limiter.take(2)
    limiter.release(2)
    assert limiter.held == 0


def test_a_lease_ends_with_its_context_however_that_ends() -> None:
    limiter = Limiter(1, "Full.", retry_after_s=1)
    with pytest.raises(KeyError), limiter.lease():
        raise KeyError
    assert limiter.held == 0
