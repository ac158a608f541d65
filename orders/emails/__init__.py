"""E-mails of orders, in text and HTML."""
