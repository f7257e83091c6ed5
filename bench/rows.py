# ruff: noqa: E501 - a table of SQL expressions
"""What the filled database holds: one plan row a case, and for each table what its columns are made of.

Case n is about unit n of invoice n, whose five parts are the covered parts 5n-4 to 5n; its customer has two cases. The
newest 4 in 100 are under way, the others are over: mended or replaced, denied, or withdrawn. Serial numbers are BU<n>
(unit) and BM<n> (its motor), invoices INV<n>, parcels 1Z<n>; the private link of case n is /status/bench-<n>/.
Columns not named here get what their model gives them. `mod` and not the sign: a sign means a parameter.
"""

from dataclasses import dataclass
from itertools import count
from typing import Any

import bench.django_ready  # noqa: F401 - models need settings
from cases.models import (
    Case,
    CaseEvent,
    CaseLink,
    ClaimedPart,
    Evidence,
    Message,
    OutgoingMail,
    Quote,
    QuoteLine,
)
from products.models import CoveredPart, Customer, Invoice, InvoiceLine, PartVoid, PauseWindow, SoldUnit
from shipments.models import PackedPart, RepairShipment, TrackingEvent
from warrantydesk.intake.models import IncomingMail

KITS = ("Printer Mini", "Printer", "Printer XL", "Printer XL tool changer", "Enclosure", "Dryer", "Laser", "Feeder")
PARTS = (
    ("MOT", "Motor, NEMA 17", "motor"),
    ("MB", "Mainboard, 32 bit", "standard"),
    ("HE", "Hot end", "standard"),
    ("TFT", "Touch display", "standard"),
    ("BRG", "Ball bearings", "consumable"),
)

PLAN = """
WITH dice AS (
    SELECT r.n, r.reference, r.n::float8 / %(cases)s AS age, hashint4(r.n) & 2147483647 AS a,
           hashint4(r.n + 1000000007) & 2147483647 AS b, hashint4(r.n + 500000003) & 2147483647 AS c
    FROM bench_reference r
), stated AS (
    SELECT *, %(now)s::timestamptz - interval '1 hour' - (1 - age) * interval '1095 days' AS t0,
           CASE WHEN age > 0.985 THEN (ARRAY['submitted', 'evidence_review', 'evidence_review'])[1 + mod(a, 3)]
                WHEN age > 0.96 THEN (ARRAY['approved', 'in_repair'])[1 + mod(a, 2)]
                WHEN mod(a, 100) < 58 THEN 'returned' WHEN mod(a, 100) < 90 THEN 'denied' ELSE 'withdrawn' END AS state,
           CASE WHEN mod(b, 10) < 7 OR age > 0.96 AND mod(a, 2) = 1 THEN 'repair' ELSE 'replacement' END AS way
    FROM dice
)
SELECT n, reference, state, way, a, b, c, t0, (n + 1) / 2 AS customer, 1 + (mod(c, 5) < 2)::int AS claims,
       t0 + interval '1 day' + mod(b, 72) * interval '1 hour' AS t_decided,
       t0 + interval '6 days' + mod(c, 72) * interval '1 hour' AS t_left,
       t0 + interval '10 days' + mod(c, 72) * interval '1 hour' AS t_arrived,
       t0 + interval '15 days' + mod(a, 240) * interval '1 hour' AS t_sent,
       t0 + interval '17 days' + mod(a, 240) * interval '1 hour' AS t_back,
       t0::date - 10 - mod(b, CASE WHEN state = 'denied' THEN 500 ELSE 320 END) AS issued,
       state IN ('approved', 'in_repair', 'returned') AS covered,
       state IN ('approved', 'in_repair', 'returned', 'denied') AS decided,
       way = 'repair' AND state IN ('in_repair', 'returned') AS was_away,
       state = 'returned' AS is_back,
       (SELECT id FROM products_product WHERE sku = 'BK-' || 1 + mod(n, 8)) AS kit,
       (SELECT array_agg(id ORDER BY id) FROM accounts_user WHERE is_active)[1 + mod(a, 7)] AS person,
       (ARRAY['DE', 'US', 'NO', 'JP', 'FR', 'GB', 'CA', 'AU', 'PL', 'BR'])[1 + mod(c, 10)] AS country,
       (ARRAY['ups', 'dhl', 'fedex', 'gls'])[1 + mod(b, 4)] AS carrier,
       (ARRAY['improper_use', 'wear', 'improper_assembly', 'lack_of_maintenance'])[1 + mod(c, 4)] AS reason
FROM stated
"""
PARTS_OF_UNIT = "CROSS JOIN (SELECT id AS product, row_number() OVER (ORDER BY id) AS place, category FROM products_product WHERE sku LIKE 'BP-%') AS part"
CLAIMS = "CROSS JOIN generate_series(1, 2) AS k"
CLAIMED = "k <= claims"
CHANGED = (
    "CASE state WHEN 'submitted' THEN t0 WHEN 'evidence_review' THEN t0 WHEN 'approved' THEN t_decided WHEN 'denied' "
    "THEN t_decided WHEN 'in_repair' THEN t_arrived WHEN 'returned' THEN t_back ELSE t0 + interval '1 day' END"
)
LEFT, BACK = "(t_left AT TIME ZONE 'UTC')::date", "(t_back AT TIME ZONE 'UTC')::date"
BASE = "(issued + interval '12 months')::date"
PAUSED = "was_away AND place <= claims"
VOID = "state = 'denied' AND reason <> 'wear' AND place <= claims"
WORDS = (
    "(ARRAY['The motor of the X axis rattles and then stops after an hour of printing.', 'The display stays dark after the "
    "start, the fan runs.', 'Under extrusion since last week, the hot end clogs at every change of filament.', 'The bed heats "
    "to 60 degrees only, then error E12.', 'Ein Lager quietscht seit dem Aufbau.'])[1 + mod(b, 5)]"
)
REASON = "(SELECT id FROM products_voidreason WHERE code = reason)"


@dataclass(frozen=True)
class Rows:
    """Rows of one table: `times` joins what there are several of for one case; an empty `order` is the plan's."""

    model: Any
    columns: dict[str, str]
    times: str = ""
    where: str = ""
    order: str = ""


_steps = count()


def _event(kind: str, name: str, at: str, actor: str, *, when: str = "true", data: str = "'{}'", way: str = "") -> str:
    before, after = way.split(" ") if way else ("", "")
    person = "person" if actor == "staff" else "NULL::bigint"
    return (
        f"SELECT '{kind}' AS kind, '{name}' AS name, {at} AS at, '{actor}' AS actor_kind, {person} AS actor, "
        f"{data}::jsonb AS data, '{before}' AS before, '{after}' AS after, {next(_steps)} AS step WHERE {when}"
    )


_MOVED = "jsonb_build_object('proof', jsonb_build_object('kind', 'tracked', 'shipments', jsonb_build_array()))"
EVENTS = " UNION ALL ".join(
    (
        _event("opened", "opened", "t0", "customer",
               data="jsonb_build_object('source', 'mail', 'missing', jsonb_build_array(), 'acknowledge', true, 'follows', '')"),
        _event("evidence", "added", "t0", "customer",
               data="jsonb_build_object('evidence', jsonb_build_array(2 * n - 1, 2 * n), 'refused', jsonb_build_array())"),
        _event("transition", "begin_review", "t0", "system", when="state NOT IN ('submitted', 'withdrawn')",
               way="submitted evidence_review"),
        _event("transition", "withdraw", "t0 + interval '1 day'", "customer", when="state = 'withdrawn'",
               data="""'{"reason": "withdrawn", "duplicate_of": ""}'""", way="submitted withdrawn"),
        _event("message", "received", "t0 + interval '3 hours'", "customer", when="mod(c, 3) = 0",
               data="jsonb_build_object('message', 3 * n)"),
        _event("assigned", "assigned", "t0 + interval '4 hours'", "staff", when="decided",
               data="jsonb_build_object('user', person)"),
        _event("transition", "approve", "t_decided", "staff", when="covered", way="evidence_review approved"),
        _event("transition", "deny", "t_decided", "staff", when="state = 'denied'", way="evidence_review denied"),
        _event("shipment", "handed_over", "t_left", "system", when="was_away", data="jsonb_build_object('shipment', 2 * n - 1)"),
        _event("transition", "start_repair", "t_arrived", "system", when="was_away", data=_MOVED, way="approved in_repair"),
        _event("shipment", "handed_over", "t_sent", "system", when="is_back", data="jsonb_build_object('shipment', 2 * n)"),
        _event("transition", "send_back", "t_back", "system", when="is_back AND was_away", data=_MOVED, way="in_repair returned"),
        _event("transition", "deliver_replacement", "t_back", "system", when="is_back AND NOT was_away", data=_MOVED,
               way="approved returned"),
    )
)  # fmt: skip
SCANS = (
    "CROSS JOIN (VALUES (1, 'picked_up', 0.0), (2, 'in_transit', 0.4), (3, 'out_for_delivery', 0.9), (4, 'delivered', 1.0)) "
    "AS scan (step, kind, share) CROSS JOIN generate_series(1, 2) AS leg"
)
LEG_THERE = "(leg = 1 AND was_away OR leg = 2 AND is_back)"
SCANNED = "(CASE leg WHEN 1 THEN t_left + share * (t_arrived - t_left) ELSE t_sent + share * (t_back - t_sent) END)"
LATER_MAIL = "CROSS JOIN generate_series(1, 2) AS k"

EVERYTHING = (
    Rows(Customer, {
        "id": "customer", "name": "(ARRAY['Ada', 'Kari', 'Yuki', 'Luis', 'Mia', 'Noah', 'Zoe', 'Emil'])[1 + mod(a, 8)] || ' ' || "
        "(ARRAY['Berg', 'Tanaka', 'Silva', 'Novak', 'Larsen', 'Weber', 'Rossi'])[1 + mod(b, 7)] || ' ' || customer",
        "email": "'owner' || customer || '@example.com'", "country": "country", "language": "'en'",
    }, where="mod(n, 2) = 1"),
    Rows(Invoice, {
        "id": "n", "number": "'INV' || n", "number_fold": "'1NV' || n", "customer_id": "customer", "country": "country",
        "currency": "CASE country WHEN 'US' THEN 'USD' ELSE 'EUR' END", "issued_on": "issued",
    }),
    Rows(InvoiceLine, {"id": "n", "invoice_id": "n", "position": "1", "product_id": "kit", "unit_price": "199 + mod(a, 900)"}),
    Rows(SoldUnit, {"id": "n", "line_id": "n", "serial": "'BU' || n", "serial_fold": "'BU' || n"}),
    Rows(CoveredPart, {
        "id": "5 * (n - 1) + place", "unit_id": "n", "product_id": "product", "position": "place", "category": "category",
        "serial": "CASE place WHEN 1 THEN 'BM' || n ELSE '' END", "serial_fold": "CASE place WHEN 1 THEN 'BM' || n ELSE '' END",
        "terms_id": "(SELECT id FROM products_warrantyterms ORDER BY effective_from LIMIT 1)", "term_months": "12",
        "starts_on": "issued", "started_by": "'invoice'", "base_covered_through": BASE,
        "covered_through": f"CASE WHEN {PAUSED} AND NOT is_back THEN NULL WHEN {PAUSED} THEN {BASE} + ({BACK} - {LEFT} + 1) "
        f"ELSE {BASE} END",
        "extended_days": f"CASE WHEN {PAUSED} AND NOT is_back THEN NULL WHEN {PAUSED} THEN {BACK} - {LEFT} + 1 ELSE 0 END",
        "paused_since": f"CASE WHEN {PAUSED} AND NOT is_back THEN {LEFT} END",
        "voided_at": f"CASE WHEN {VOID} THEN t_decided END",
    }, times=PARTS_OF_UNIT),
    Rows(Case, {
        "id": "n", "reference": "reference", "state": "state", "source": "(ARRAY['mail', 'mail', 'portal'])[1 + mod(c, 3)]",
        "customer_id": "customer", "subject": "left(" + WORDS + ", 60)", "description": WORDS, "invoice_as_given": "'INV' || n",
        "serial_as_given": "'BU' || n", "invoice_id": "n", "unit_id": "n", "product_id": "kit", "received_at": "t0",
        "cover_ends_on": "(SELECT min(p.covered_through) FROM products_coveredpart p WHERE p.id BETWEEN 5 * n - 4 AND "
        "5 * n - 5 + claims AND p.covered_through >= (t0 AT TIME ZONE 'UTC')::date)",
        "submitted_on": "(t0 AT TIME ZONE 'UTC')::date", "submitted_zone": "'Etc/GMT+12'", "submitted_zone_found": "'nowhere'",
        "assignee_id": "CASE WHEN decided OR mod(b, 3) = 0 THEN person END",
        "first_reply_due_at": "CASE WHEN state = 'evidence_review' AND mod(b, 2) = 0 THEN t0 + interval '2 days' END",
        "first_replied_at": "CASE WHEN decided THEN t0 + interval '4 hours' END",
        "decision_due_at": "CASE WHEN state = 'evidence_review' THEN t0 + interval '5 days' END",
        "due_at": "CASE WHEN state <> 'evidence_review' THEN NULL WHEN mod(b, 2) = 0 THEN t0 + interval '2 days' ELSE "
        "t0 + interval '5 days' END",
        "waiting_since": "CASE WHEN state = 'submitted' THEN t0 END", "decided_at": "CASE WHEN decided THEN t_decided END",
        "decided_by_id": "CASE WHEN decided THEN person END", "created_at": "t0", "changed_at": CHANGED,
    }),
    Rows(ClaimedPart, {
        "id": "2 * (n - 1) + k", "case_id": "n", "part_id": "5 * (n - 1) + k",
        "product_id": "(SELECT product_id FROM products_coveredpart WHERE id = 5 * (n - 1) + k)", "cause_recorded": "decided",
        "cause_id": f"CASE WHEN state = 'denied' AND reason <> 'wear' THEN {REASON} END",
        "verdict": "CASE WHEN covered THEN 'covered' WHEN state = 'denied' THEN 'denied' ELSE 'undecided' END",
        "reason_id": f"CASE WHEN state = 'denied' THEN {REASON} END",
        "resolution": "CASE WHEN covered THEN way ELSE '' END", "decided_by_id": "CASE WHEN decided THEN person END",
        "decided_at": "CASE WHEN decided THEN t_decided END",
    }, times=CLAIMS, where=CLAIMED),
    Rows(PartVoid, {
        "part_id": "5 * (n - 1) + k", "reason_id": REASON, "case_reference": "reference", "voided_at": "t_decided",
        "voided_by_id": "person",
    }, times=CLAIMS, where=f"{CLAIMED} AND {VOID.replace('place', 'k')}"),
    Rows(PauseWindow, {
        "part_id": "5 * (n - 1) + k", "left_on": LEFT, "back_on": f"CASE WHEN is_back THEN {BACK} END", "source": "'tracking'",
        "certainty": "CASE WHEN is_back THEN 'verified' ELSE 'provisional' END", "created_at": "t_left",
    }, times=CLAIMS, where=f"{CLAIMED} AND was_away"),
    Rows(Message, {
        "id": "3 * (n - 1) + k", "case_id": "n", "direction": "(ARRAY['in', 'out', 'in'])[k]", "automatic": "k = 2",
        "sender_name": "CASE k WHEN 2 THEN '' ELSE 'Owner' END",
        "sender_address": "CASE k WHEN 2 THEN '' ELSE 'owner' || customer || '@example.com' END",
        "subject": "'Re: ' || reference", "text": f"CASE k WHEN 2 THEN 'Thank you. We received your request ' || reference || "
        f"'.' WHEN 1 THEN {WORDS} ELSE 'Is there any news?' END", "at": "t0 + (k - 1) * interval '90 minutes'",
    }, times="CROSS JOIN generate_series(1, 3) AS k", where="k < 3 OR mod(c, 3) = 0"),
    Rows(Evidence, {
        "id": "2 * (n - 1) + k", "case_id": "n", "message_id": "3 * n - 2", "name": "'photo' || k || '.jpg'",
        "claimed_type": "'image/jpeg'", "content_type": "'image/jpeg'", "size": "200000 + mod(a, 4000000)",
        "sha256": "md5(n || '-' || k) || md5(k || '-' || n)", "original": "'evidence/bench/' || n || '-' || k",
        "web": "'evidence/bench/' || n || '-' || k || '-web'", "thumbnail": "'evidence/bench/' || n || '-' || k || '-small'",
        "status": "'ready'", "received_at": "t0",
    }, times=CLAIMS),
    Rows(CaseEvent, {
        "case_id": "n", "kind": "event.kind", "name": "event.name", "at": "event.at", "actor_kind": "event.actor_kind",
        "actor_id": "event.actor", "data": "event.data", "from_state": "event.before", "to_state": "event.after",
    }, times=f"CROSS JOIN LATERAL ({EVENTS}) AS event", order="n, event.step"),
    Rows(OutgoingMail, {
        "id": "2 * (n - 1) + k", "key": "(ARRAY['acknowledgement', 'decision'])[k] || ':bench' || n", "case_id": "n",
        "message_id": "CASE k WHEN 1 THEN 3 * n - 1 END", "kind": "(ARRAY['acknowledgement', 'decision'])[k]",
        "automatic": "k = 1", "to_address": "'owner' || customer || '@example.com'", "subject": "reference || ': your request'",
        "body": "'Thank you. We received your request ' || reference || '.'", "rfc_message_id": "'<' || k || '.bench.' || n || "
        "'@desk.example>'", "status": "'sent'", "created_at": "CASE k WHEN 1 THEN t0 ELSE t_decided END",
        "not_before": "CASE k WHEN 1 THEN t0 ELSE t_decided END", "sent_at": "CASE k WHEN 1 THEN t0 ELSE t_decided END",
    }, times=LATER_MAIL, where="k = 1 OR decided"),
    Rows(CaseLink, {
        "case_id": "n", "mail_id": "2 * n - 1", "kind": "(ARRAY['portal', 'reply'])[k]", "token_hash":
        "encode(sha256(convert_to((ARRAY['bench-', 'reply-'])[k] || n, 'UTF8')), 'hex')",
        "address": "'owner' || customer || '@example.com'", "created_at": "t0", "expires_at": "t0 + interval '2000 days'",
    }, times=CLAIMS),
    Rows(Quote, {
        "id": "n", "case_id": "n", "currency": "'EUR'", "created_at": "t_decided", "created_by_id": "person",
        "sent_at": "t_decided", "answer": "'accepted'", "answered_at": "t_decided + interval '1 day'",
    }, where="was_away AND mod(a, 3) = 0"),
    Rows(QuoteLine, {"quote_id": "n", "position": "k", "kind": "(ARRAY['repair', 'shipping'])[k]", "description":
        "(ARRAY['Repair service', 'Way home'])[k]", "amount": "15 + mod(a, 60)"}, times=CLAIMS,
        where="was_away AND mod(a, 3) = 0"),
    Rows(RepairShipment, {
        "id": "2 * (n - 1) + leg", "case_id": "n", "direction": "(ARRAY['to_workshop', 'to_customer'])[leg]",
        "carrier": "carrier", "tracking_number": "'1Z' || leg || n", "booked_at": "CASE leg WHEN 1 THEN t_decided ELSE t_sent END",
        "latest_kind": "'delivered'", "latest_event_at": "CASE leg WHEN 1 THEN t_arrived ELSE t_back END",
        "looked_at": "CASE leg WHEN 1 THEN t_arrived ELSE t_back END",
        "arrived_at": "CASE leg WHEN 1 THEN t_arrived ELSE t_back END", "created_at": "t_decided",
        "here_since": "CASE WHEN leg = 1 AND state = 'in_repair' AND was_away THEN t_arrived END",
    }, times="CROSS JOIN generate_series(1, 2) AS leg", where=LEG_THERE),
    Rows(PackedPart, {"shipment_id": "2 * (n - 1) + leg", "part_id": "5 * (n - 1) + k"},
         times="CROSS JOIN generate_series(1, 2) AS leg CROSS JOIN generate_series(1, 2) AS k",
         where=f"{LEG_THERE} AND {CLAIMED}"),
    Rows(TrackingEvent, {
        "shipment_id": "2 * (n - 1) + leg", "fact": "md5(n || '-' || leg || step) || md5(step || '-' || leg)",
        "kind": "scan.kind", "code": "upper(left(scan.kind, 2))", "occurred_at": SCANNED,
        "occurred_on": f"({SCANNED} AT TIME ZONE 'UTC')::date", "utc_offset_minutes": "0", "place": "'Leipzig'",
        "heard": "'poll'", "heard_at": SCANNED,
    }, times=SCANS, where=LEG_THERE),
    Rows(IncomingMail, {
        "identity": "md5('mail' || n) || md5(n || 'mail')", "sha256": "md5(n || 'raw') || md5('raw' || n)",
        "raw": "'mail/bench/' || n || '.eml'", "size": "200000 + mod(a, 4000000)", "source": "'bench'", "received_at": "t0",
        "kept_at": "t0", "rfc_message_id": "'<bench' || n || '@example.com>'",
        "from_address": "'owner' || customer || '@example.com'", "subject": "'[Warranty Request] ' || reference",
        "outcome": "'case_opened'", "case_id": "n", "message_id": "3 * n - 2", "read_at": "t0",
    }),
)  # fmt: skip
