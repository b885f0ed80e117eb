"""Several processes of one machine that serve one port.

``parent.py`` starts them and starts again what ends or hangs, ``worker.py`` is what each of them runs,
``worker_settings.py`` each one's part of the settings, ``watchdog.py`` how the parent finds that one hangs.
"""
