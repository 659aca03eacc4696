"""The commands of the exhibition; light to import."""
