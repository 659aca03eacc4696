"""The benchmark: clean speech, aged on purpose, treated by our recipes and by others' programs, and compared.

An archive runs it on clips of its own, to choose a recipe by what it does to its own kind of tapes.
``run.run_benchmark`` does the work; all that it writes is made from the rows in ``rows.jsonl``.
"""
