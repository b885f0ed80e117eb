"""A fuzzer over live connections: what clients may send, mutated, while a bystander's session must lose nothing."""
