"""The verbs of a parcel: book, confirm, cancel, record what a carrier said, and make the pauses follow.

Whatever a parcel does to its case goes through the verbs of `cases.services`, in the same transaction and always in
the same order of locks: the case first, then its parts by id.
"""

from shipments.services.arriving import receive_parcel, receive_unannounced
from shipments.services.booking import book, cancel, confirm, repack
from shipments.services.entering import enter_scan
from shipments.services.moving import try_waiting_moves
from shipments.services.pausing import confirm_pause, rebuild_pauses, withdraw_pause
from shipments.services.recording import record_events

__all__ = [
    "book",
    "cancel",
    "confirm",
    "confirm_pause",
    "enter_scan",
    "rebuild_pauses",
    "receive_parcel",
    "receive_unannounced",
    "record_events",
    "repack",
    "try_waiting_moves",
    "withdraw_pause",
]
