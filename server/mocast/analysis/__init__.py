"""Analysis: what a person's motion means. ``Tracked`` and ``Rig`` → ``Analysis``, one measure a file."""
