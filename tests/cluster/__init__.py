"""Several nodes that are one server, by real Redis; ``make test-cluster`` runs them, plain pytest does not."""
