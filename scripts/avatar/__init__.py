"""Make the default avatar: a VRM 1.0 that is modelled, painted and rigged by this package alone."""
