"""Ageing a clean recording, seeded: the demonstration, the training and the benchmark share it."""
