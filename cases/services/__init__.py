"""Every verb that changes a case. Each one: atomic, lock, rule, transition, save, one CaseEvent, notify.

What each verb leaves in the timeline: `CaseEvent.kind` / `name` and the keys of `data` (ids and codes only, never words
or addresses). `claims` are ids of ClaimedPart, `parts` ids of CoveredPart, `message` an id of Message.

| kind       | name                       | data                                                                       |
|------------|----------------------------|----------------------------------------------------------------------------|
| opened     | opened                     | source, missing (codes), acknowledge, follows (reference or "")            |
| transition | begin_review               | missing (codes; only where support began in spite of them)                 |
| transition | request_information        | missing (codes), message (or null: no words beside the list)               |
| transition | approve, deny              | claims [{claim, verdict, reason, resolution, goodwill}], voided (parts)    |
| transition | undo                       | mail (cancelled mail's id or null), lifted (parts)                         |
| transition | reopen                     | cleared (claims), lifted (parts)                                           |
| transition | start_repair, send_back, deliver_replacement, return_unrepaired | proof {kind, on, shipments}           |
| transition | reopen_return              |                                                                            |
| transition | withdraw                   | reason (withdrawn, duplicate, not_a_request), duplicate_of (reference)     |
| details    | described                  |                                                                            |
| details    | tagged, untagged           | tag                                                                        |
| details    | purchase_set               | invoice, unit, submitted_on, zone, dropped (parts), language (code)        |
| details    | language_chosen            | from, to (codes)                                                           |
| details    | unrepaired_return_planned  | beyond_repair                                                              |
| details    | unrepaired_return_dropped  |                                                                            |
| part       | claimed                    | parts, confirmed                                                           |
| part       | confirmed                  | parts                                                                      |
| part       | dropped                    | parts                                                                      |
| part       | replaced                   | claim, part, serial_change                                                 |
| part       | repair_reported            | claim, part, report, test (passed, failed, none)                           |
| part       | part_used, part_taken_back | claim, part, used, product, quantity                                       |
| verdict    | finding_recorded           | claim, cause (code, "none" or null), defect_found                          |
| verdict    | decided                    | claim, verdict, reason, resolution, goodwill                               |
| verdict    | cleared                    | claim                                                                      |
| evidence   | added                      | evidence (ids), refused (ids)                                              |
| evidence   | refused                    | refused (ids); nothing of what came could be kept                          |
| evidence   | quarantined, erased        | files (ids)                                                                |
| evidence   | trouble, trouble_over      | files (ids), trouble, was (codes of Evidence.Trouble, "" for none)         |
| evidence   | marked, unmarked           | file; it shows the fault, or not after all                                 |
| evidence   | annotated, looked_again    | file; a note was written, or its pictures are made once more               |
| evidence   | turned                     | file, rotation                                                             |
| message    | received, written, noted   | message                                                                    |
| message    | taken_out                  | message, files (ids); it did not belong here                               |
| mail       | forgotten                  | received, sent (ids of mails whose words are kept no longer)               |
| mail       | links_revoked              | links (how many)                                                           |
| quote      | written, sent              | quote, total, currency                                                     |
| quote      | answered                   | quote, answer, message (the id of the message it came in, or null)         |
| assigned   | assigned                   | user (id or null), message (of the hand-over note, or null)                |
| shipment   | (given by the caller)      | (given by the caller)                                                      |
| clock      | moved, returned            | changes [{part, label, paused_days, before, after}]; dates as ISO or null  |
"""
