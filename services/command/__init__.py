"""The `bac` command: a run of the system, and questions to running services over their public HTTP APIs."""
