"""Answers about plans: figures of a body and day, and the people behind them."""
