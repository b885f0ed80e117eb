"""Tests that take minutes or hours; ``make fuzz`` and others run them, plain pytest does not."""
