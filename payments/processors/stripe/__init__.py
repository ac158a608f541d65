"""Stripe. Nothing of the SDK, its statuses or its id formats leaves this package."""
