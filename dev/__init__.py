"""Tools of the developer: set-up, the local stack, checks, benchmarks. The product itself never imports them."""
