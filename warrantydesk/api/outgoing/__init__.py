"""Webhooks out: what happens here is told to other systems, signed, and tried again for days (Standard Webhooks)."""
