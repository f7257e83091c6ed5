"""Realistic data for a desk that is being looked at: the same for the same seed."""
