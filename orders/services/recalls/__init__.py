"""Refunds issued in error: asked back, agreed to, paid or not. Nothing is imported here, as settling needs a part."""
