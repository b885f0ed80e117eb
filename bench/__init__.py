"""Programs that measure Mocast from outside: ``python -m bench.run`` runs them all."""
