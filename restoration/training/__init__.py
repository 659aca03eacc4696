"""How the networks that ship are made: pairs of aged and unaged speech, a training loop, a card."""
