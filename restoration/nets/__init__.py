"""The networks, and the code that loads them."""
