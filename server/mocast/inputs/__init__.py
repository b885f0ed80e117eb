"""Where poses of other programs come in by their own protocols: the operator's, and those of ``mocast bridge``."""
