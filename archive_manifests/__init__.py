"""Manifests: which tapes there are, and the demonstration's own material."""
