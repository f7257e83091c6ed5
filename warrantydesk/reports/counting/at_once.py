"""The flat rows of a stretch of cases by INSERT … SELECT: a million in minutes. PostgreSQL only.

It says the same as `counting.cases`, which is the definition: only histories in which nothing was taken back, and parts
that were away once at the most, are counted here; whatever is harder is handed back, to be counted one by one. A test
holds the two against each other.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from warrantydesk.reports.counting.history import ANSWERS
from warrantydesk.reports.counting.turns import take_turn

TABLES = (
    "reports_appeal", "reports_stagerun", "reports_claimfigures", "reports_quotefigures", "reports_parcelfigures",
)  # fmt: skip

# Transitions that lead on. Whatever else happened to a case makes it one to be counted by itself.
STRAIGHT = (
    "begin_review", "request_information", "approve", "deny", "start_repair", "send_back", "deliver_replacement",
    "return_unrepaired", "withdraw",
)  # fmt: skip

HISTORIES = """
CREATE TEMPORARY TABLE told ON COMMIT DROP AS
WITH happened AS (
  SELECT case_id, at, kind, name, to_state, actor_kind, data,
         row_number() OVER (PARTITION BY case_id ORDER BY at, id) AS place
  FROM cases_caseevent
  WHERE case_id >= %(first)s AND case_id < %(end)s AND kind IN ('opened', 'transition', 'message')
), summed AS (
  SELECT case_id,
    count(*) FILTER (WHERE kind = 'opened') AS openings,
    min(place) FILTER (WHERE kind = 'opened') AS opened_place,
    min(place) FILTER (WHERE kind = 'transition') AS first_place,
    max(place) FILTER (WHERE kind = 'transition') AS last_place,
    (array_agg(data -> 'missing') FILTER (WHERE kind = 'opened'))[1] AS missing,
    min(at) FILTER (WHERE actor_kind = 'staff' AND (
      (kind = 'message' AND name = 'written')
      OR (kind = 'transition' AND name = ANY(%(answers)s))
    )) AS replied_at,
    count(*) FILTER (WHERE kind = 'transition' AND name = 'request_information') AS asked_times,
    bool_or(kind = 'transition' AND NOT name = ANY(%(straight)s)) AS taken_back,
    count(*) FILTER (WHERE kind = 'transition' AND to_state IN ('approved', 'denied')) AS decisions,
    count(*) FILTER (WHERE kind = 'transition' AND to_state = 'in_repair') AS repairs,
    count(*) FILTER (WHERE kind = 'transition' AND to_state = 'returned') AS returns,
    count(*) FILTER (WHERE kind = 'transition' AND to_state = 'withdrawn') AS withdrawals,
    max(place) FILTER (WHERE kind = 'transition' AND to_state IN ('approved', 'denied')) AS decided_place,
    max(place) FILTER (WHERE kind = 'transition' AND to_state = 'in_repair') AS repaired_place,
    max(place) FILTER (WHERE kind = 'transition' AND to_state = 'returned') AS returned_place,
    max(place) FILTER (WHERE kind = 'transition' AND to_state = 'withdrawn') AS withdrawn_place,
    max(at) FILTER (WHERE kind = 'transition' AND to_state IN ('approved', 'denied')) AS decided_at,
    max(at) FILTER (WHERE kind = 'transition' AND to_state = 'approved') AS approved_at,
    max(at) FILTER (WHERE kind = 'transition' AND to_state = 'in_repair') AS repaired_at,
    max(at) FILTER (WHERE kind = 'transition' AND to_state = 'returned') AS returned_at,
    max(at) FILTER (WHERE kind = 'transition') AS moved_at,
    (array_agg(to_state ORDER BY place DESC) FILTER (WHERE kind = 'transition'))[1] AS last_state
  FROM happened GROUP BY case_id
), away AS (
  SELECT claim.case_id FROM cases_claimedpart claim JOIN products_pausewindow w ON w.part_id = claim.part_id
  WHERE claim.case_id >= %(first)s AND claim.case_id < %(end)s
  GROUP BY claim.case_id, claim.id HAVING count(*) > 1
)
SELECT c.id AS case_id, summed.missing, summed.replied_at, summed.asked_times, summed.decided_at, summed.approved_at,
       summed.repaired_at, summed.returned_at,
       CASE WHEN last_state IN ('denied', 'returned', 'withdrawn') THEN moved_at END AS closed_at,
       openings IS DISTINCT FROM 1
         OR coalesce(taken_back OR decisions > 1 OR repairs > 1 OR returns > 1 OR withdrawals > 1
         OR opened_place > first_place OR withdrawn_place < last_place OR repaired_place < decided_place
         OR returned_place < repaired_place OR returned_place < decided_place, false)
         OR c.id IN (SELECT case_id FROM away) AS is_hard
FROM cases_case c LEFT JOIN summed ON summed.case_id = c.id
WHERE c.id >= %(first)s AND c.id < %(end)s
"""

CASES = """
INSERT INTO reports_casefigures (case_id, seen_at, received_on, state, source, language, product_id, country, sold_in,
  reviewer_id, replied_on, reply_seconds, closed_on, missing_invoice, missing_serial, missing_part, missing_description,
  missing_evidence, complete, asked_times)
SELECT c.id, greatest(c.changed_at, claimed.moved_at), (c.received_at AT TIME ZONE %(zone)s)::date, c.state, c.source,
  c.language, line.product_id,
  CASE WHEN c.invoice_id IS NULL THEN sender.country ELSE coalesce(nullif(i.country, ''), buyer.country) END,
  date_trunc('month', coalesce(claimed.starts_on, i.issued_on))::date, c.decided_by_id,
  (told.replied_at AT TIME ZONE %(zone)s)::date,
  CASE WHEN told.replied_at IS NOT NULL
    THEN greatest(round(extract(epoch FROM told.replied_at - c.received_at)::double precision), 0)::bigint END,
  (told.closed_at AT TIME ZONE %(zone)s)::date,
  coalesce(told.missing ? 'invoice', false), coalesce(told.missing ? 'serial', false),
  coalesce(told.missing ? 'part', false), coalesce(told.missing ? 'description', false),
  coalesce(told.missing ? 'evidence', false), coalesce(jsonb_array_length(told.missing), 0) = 0, told.asked_times
FROM told JOIN cases_case c ON c.id = told.case_id JOIN products_customer sender ON sender.id = c.customer_id
LEFT JOIN products_invoice i ON i.id = c.invoice_id LEFT JOIN products_customer buyer ON buyer.id = i.customer_id
LEFT JOIN products_soldunit unit ON unit.id = c.unit_id LEFT JOIN products_invoiceline line ON line.id = unit.line_id
LEFT JOIN (
  SELECT claim.case_id, (array_agg(part.starts_on ORDER BY claim.id))[1] AS starts_on, max(clock.at) AS moved_at
  FROM cases_claimedpart claim JOIN products_coveredpart part ON part.id = claim.part_id
  LEFT JOIN products_clockchange clock ON clock.part_id = claim.part_id
  WHERE claim.case_id >= %(first)s AND claim.case_id < %(end)s GROUP BY claim.case_id
) claimed ON claimed.case_id = c.id
WHERE NOT told.is_hard
"""

CLAIMS = """
INSERT INTO reports_claimfigures (claim_id, figures_id, received_on, covered_part, unit, part_id, product_id, country,
  sold_in, claimed_in, term_months, paused_days, months_in_service, days_left, counts, verdict, resolution, goodwill,
  reason, reviewer_id, decided_on, outcome, is_twin)
WITH claims AS (
  SELECT claim.id, f.case_id, f.received_on, part.id AS covered_part, part.unit_id, part.product_id AS part_id,
    line.product_id, f.country, date_trunc('month', part.starts_on)::date AS sold_in,
    date_trunc('month', c.submitted_on)::date AS claimed_in, part.term_months,
    coalesce(part.extended_days, 0) AS paused,
    CASE WHEN c.submitted_on >= part.starts_on THEN greatest(1,
      (extract(year FROM lived.until) - extract(year FROM part.starts_on)) * 12
      + extract(month FROM lived.until) - extract(month FROM part.starts_on)) END AS age,
    part.covered_through - c.submitted_on AS days_left, claim.confirmed AND c.state <> 'withdrawn' AS counts,
    claim.verdict, claim.resolution, claim.goodwill_reason <> '' AS goodwill, coalesce(why.code, '') AS reason,
    claim.decided_by_id AS reviewer_id, (claim.decided_at AT TIME ZONE %(zone)s)::date AS decided_on
  FROM reports_casefigures f JOIN told ON told.case_id = f.case_id AND NOT told.is_hard
  JOIN cases_case c ON c.id = f.case_id JOIN cases_claimedpart claim ON claim.case_id = c.id
  JOIN products_coveredpart part ON part.id = claim.part_id JOIN products_soldunit unit ON unit.id = part.unit_id
  JOIN products_invoiceline line ON line.id = unit.line_id LEFT JOIN products_voidreason why ON why.id = claim.reason_id
  LEFT JOIN products_pausewindow w ON w.part_id = part.id
  CROSS JOIN LATERAL (SELECT greatest(part.starts_on, c.submitted_on - CASE WHEN w.id IS NULL THEN 0 ELSE greatest(0,
    least(coalesce(w.back_on, c.submitted_on), c.submitted_on) - greatest(w.left_on, part.starts_on + 1) + 1
  ) END) AS until) lived
), decided AS (
  SELECT id, row_number() OVER (PARTITION BY case_id ORDER BY id) = 1 AS is_first,
    count(*) OVER (PARTITION BY case_id, part_id) > 1 AS is_twin,
    count(*) FILTER (WHERE verdict = 'covered') OVER of_case AS yes,
    count(*) FILTER (WHERE verdict = 'denied') OVER of_case AS no, count(*) OVER of_case AS number,
    count(*) OVER (PARTITION BY case_id, decided_on, reviewer_id, product_id, country, sold_in) AS alike
  FROM claims WHERE decided_on IS NOT NULL WINDOW of_case AS (PARTITION BY case_id)
)
SELECT claims.*,
  CASE WHEN decided.id IS NULL THEN '' WHEN alike < number OR yes + no < number THEN 'each' WHEN NOT is_first THEN ''
    WHEN no = 0 THEN 'all' WHEN yes = 0 THEN 'none' ELSE 'some' END,
  coalesce(is_twin, false)
FROM claims LEFT JOIN decided ON decided.id = claims.id
"""

RUNS = """
INSERT INTO reports_stagerun (figures_id, stage, ended_on, seconds, product_id, country, sold_in, reviewer_id)
SELECT told.case_id, run.stage, (run.ended AT TIME ZONE %(zone)s)::date,
  round(extract(epoch FROM run.ended - run.begun)::double precision)::bigint,
  f.product_id, f.country, f.sold_in, f.reviewer_id
FROM told JOIN cases_case c ON c.id = told.case_id JOIN reports_casefigures f ON f.case_id = told.case_id
CROSS JOIN LATERAL (VALUES
  ('decision', c.received_at, told.decided_at), ('way_in', told.approved_at, told.repaired_at),
  ('repair', told.repaired_at, told.returned_at), ('whole', c.received_at, told.returned_at)
) AS run (stage, begun, ended)
WHERE NOT told.is_hard AND run.begun <= run.ended
UNION ALL
SELECT f.case_id, 'reply', f.replied_on, f.reply_seconds, f.product_id, f.country, f.sold_in, f.reviewer_id
FROM told JOIN reports_casefigures f ON f.case_id = told.case_id
WHERE NOT told.is_hard AND f.replied_on IS NOT NULL
"""

QUOTES = """
INSERT INTO reports_quotefigures (quote_id, figures_id, sent_on, currency, answer, product_id, total)
SELECT q.id, f.case_id, (q.sent_at AT TIME ZONE %(zone)s)::date, q.currency, q.answer, f.product_id,
  coalesce((SELECT sum(amount) FROM cases_quoteline l WHERE l.quote_id = q.id), 0)
FROM told JOIN reports_casefigures f ON f.case_id = told.case_id JOIN cases_quote q ON q.case_id = f.case_id
WHERE NOT told.is_hard AND q.sent_at IS NOT NULL AND q.superseded_at IS NULL
"""

PARCELS = """
INSERT INTO reports_parcelfigures (shipment_id, figures_id, carrier, direction, country, arrived_on, seconds,
  product_id, sold_in, reviewer_id, parts)
SELECT s.id, f.case_id, s.carrier, s.direction, f.country, (s.arrived_at AT TIME ZONE %(zone)s)::date,
  CASE WHEN moved.at <= s.arrived_at
    THEN round(extract(epoch FROM s.arrived_at - moved.at)::double precision)::bigint END,
  f.product_id, f.sold_in, f.reviewer_id,
  CASE WHEN length(claimed.parts) <= %(most_listed)s THEN claimed.parts ELSE '' END
FROM told JOIN reports_casefigures f ON f.case_id = told.case_id
JOIN shipments_repairshipment s ON s.case_id = f.case_id
LEFT JOIN LATERAL (
  SELECT min(e.occurred_at) AS at FROM shipments_trackingevent e WHERE e.shipment_id = s.id AND e.kind = ANY(%(moved)s)
) moved ON true
LEFT JOIN LATERAL (
  SELECT ' ' || coalesce(string_agg(part_id || ' ', '' ORDER BY part_id), '') AS parts
  FROM (SELECT DISTINCT part_id FROM reports_claimfigures WHERE figures_id = f.case_id) of_case
) claimed ON true
WHERE NOT told.is_hard AND s.arrived_at IS NOT NULL AND s.cancelled_at IS NULL AND NOT s.proposed
"""


def count_stretch(first: int, end: int) -> list[int]:
    """Write the rows of the cases with keys in [first, end) anew; the keys of those that are too hard for this."""
    from warrantydesk.reports.counting.parcels import MOST_LISTED, MOVED

    values: dict[str, Any] = {
        "first": first,
        "end": end,
        "zone": str(timezone.get_default_timezone()),
        "moved": list(MOVED),
        "answers": [name for kind, name in ANSWERS if kind == "transition"],
        "straight": list(STRAIGHT),
        "most_listed": MOST_LISTED,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        take_turn()
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table} WHERE figures_id >= %(first)s AND figures_id < %(end)s", values)  # noqa: S608
        cursor.execute("DELETE FROM reports_casefigures WHERE case_id >= %(first)s AND case_id < %(end)s", values)
        for sql in ("DROP TABLE IF EXISTS told", HISTORIES, "ANALYZE told", CASES, CLAIMS, RUNS, QUOTES, PARCELS):
            cursor.execute(sql, values)
        cursor.execute("SELECT case_id FROM told WHERE is_hard ORDER BY case_id")
        return [key for (key,) in cursor.fetchall()]
