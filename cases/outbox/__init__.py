"""Outgoing mail. A mail is a row, written in the transaction that causes it; a task or the sweep sends it later."""
