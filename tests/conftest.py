"""Settings that all tests share."""

from hypothesis import settings

# No deadline: a busy machine must not fail a test. The same examples in every run: who changes nothing sees no new
# failure. New examples are tried by ``pytest --hypothesis-profile=explore``.
settings.register_profile("mocast", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("mocast")
