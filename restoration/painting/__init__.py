"""Spectrograms as pictures that a person paints on, and back: to regions, and to the sound."""
