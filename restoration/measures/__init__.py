"""What is there, in numbers: formulas with a source, no decisions."""
