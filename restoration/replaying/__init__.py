"""A treatment asked again: made again and compared, one moment of it explained, two of one master set side by side."""
