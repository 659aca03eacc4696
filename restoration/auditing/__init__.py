"""The audit of bags: every claim of a log checked against the files, the cards, the recipes and the log itself."""
