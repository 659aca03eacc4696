"""A voice model from the few minutes that survive of a speaker: never without consent."""
