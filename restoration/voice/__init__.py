"""Voice models: made from the few minutes that a voice left, and never without consent."""
