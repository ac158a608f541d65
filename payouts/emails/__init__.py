"""Letters about payouts."""
