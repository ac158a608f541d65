"""A simulator of the payment processor for machines without keys: its own process and state, no code of the shop."""
