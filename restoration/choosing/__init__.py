"""Choosing a treatment for a recording by measures: excerpts, every recipe on each, a verdict with its reasons."""
