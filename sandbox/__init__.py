"""A simulator of the payment processor for machines that have no keys: its own process, its own state, no code of the shop."""
