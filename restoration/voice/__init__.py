"""Voice models: a voice learnt from minutes of material, lent to another person's performance, and guarded."""
