"""Restore, segment and document the digitised voices of sound archives."""

__version__ = "0.1.0"
