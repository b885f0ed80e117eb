"""Settings that all tests share."""

from hypothesis import settings

# No deadline: a busy machine must not fail a test.
settings.register_profile("mocast", deadline=None)
settings.load_profile("mocast")
