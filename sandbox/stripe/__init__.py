"""The Stripe half: the parts of Stripe's API that the shop uses, with Stripe's states, errors, fees and events."""
