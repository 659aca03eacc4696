"""How sound is mended: algorithms that know neither files nor logs."""
