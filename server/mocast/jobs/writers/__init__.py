"""What is written of a file: one format a module, each by a ``ResultWriter``."""
