"""Where rigs go: the apps of avatars, over their own protocols."""
