"""PayPal. Nothing of its SDK, its documents, its statuses or its id formats leaves this package."""
