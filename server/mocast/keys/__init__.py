"""``mocast keys``: from gestures to key presses on a person's own machine."""
