"""Pages of the catalog: for buyers, and for artisans about their goods."""
