"""What of a treated sound was recorded, and what was generated: a map in time and frequency."""
