"""What deploys the product: containers, and `local/`, which runs it in one process tree."""
