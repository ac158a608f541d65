"""Pages of those who sell, or would like to."""
