"""Readers of the exports: each gives back what an export says, by a third party's library, without our writers."""
