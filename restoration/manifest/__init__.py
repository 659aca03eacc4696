"""Manifests: which tapes there are, and everything that is wrong with the list of them.

A manifest is a CSV file with a row for each item. ``check_manifest`` says all problems at once, ``read_manifest`` gives
the items, ``draft_manifest`` writes a first manifest of a folder. pandas and pandera are imported when a manifest is
checked, not before.
"""

from restoration.manifest.check import check_manifest, read_manifest
from restoration.manifest.draft import draft_manifest
from restoration.manifest.item import Item, Manifest

__all__ = ["Item", "Manifest", "check_manifest", "draft_manifest", "read_manifest"]
