"""Removing, adding and setting: one file a step. The directory is the registry."""
