"""What an operator may set: a file for each group of settings, and ``settings.py``, which has them all."""
