"""What orders post to the ledger, and what they tell payouts. One entry per fact, named by its source."""


