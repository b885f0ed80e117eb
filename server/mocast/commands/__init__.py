"""The commands of ``mocast``, a file each; ``cli.py`` lists them.

Elsewhere are ``serve`` (``serving.py``), and two that the server runs as processes of its own, too:
``process`` (``jobs/process_command.py``) and ``export`` (``recordings/export/command.py``).
"""
