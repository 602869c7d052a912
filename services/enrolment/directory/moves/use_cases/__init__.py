"""What can be done with moves."""
