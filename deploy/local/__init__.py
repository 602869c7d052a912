"""The embedded default: `make run` without a container engine and without a database server."""
