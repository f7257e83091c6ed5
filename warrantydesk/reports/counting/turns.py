"""One counts at a time: the ledgers hold differences, and two that count the same would each write it."""

from products.one_at_a_time import wait_for_turn

KEY = 0x7265706F  # "repo"


def take_turn() -> None:
    """Wait for a turn, which ends with the transaction."""
    wait_for_turn(KEY)
