"""What can be done about officials who are taken over."""
