"""The commands of the listening room; light to import."""
