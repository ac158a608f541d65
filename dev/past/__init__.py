"""A past for the demo shop: some weeks of sales, payouts and statements, lived through with the clocks turned back."""
