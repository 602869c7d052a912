"""What can be done with officials."""
