"""Settings of the property tests: the same examples every time, and no judging by the clock of a busy machine."""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("steady")
