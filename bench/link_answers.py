"""Can case number and address be found out by how long "send me my link" takes? `python -m bench.link_answers [PAIRS]`

Needs a PostgreSQL database of its own (DATABASE_URL). Existing and absent pairs are asked in a random order; what is
printed is how often an existing one takes longer than an absent one (0.5: as often as not), and how far from that
chance alone would lead (three standard errors of the Mann-Whitney statistic).
"""

import random
import statistics
import sys
import time

import bench.django_ready  # noqa: F401 - sets Django up
from bench.table import Row, tell


def main(pairs: int) -> int:
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)

    settings.LIMITS = dict.fromkeys(("portal_link", "portal_link_network", "portal_link_address"), (10**7, 3600))
    settings.ALLOWED_HOSTS = ["testserver"]
    known = _cases(pairs)
    absent = [(f"WD-ABS{number}-9", f"absent{number}@bench.example") for number in range(pairs)]
    asked = [(True, pair) for pair in known] + [(False, pair) for pair in absent]
    random.Random(7).shuffle(asked)
    client, took, answers = Client(), {True: [], False: []}, set()
    for exists, (reference, address) in asked:
        begun = time.perf_counter()
        answer = client.post("/link/", {"reference": reference, "email": address})
        took[exists].append(time.perf_counter() - begun)
        answers.add((answer.status_code, answer.headers.get("Location", ""), answer.content))
    return _tell(took, len(answers))


def _cases(pairs: int) -> list[tuple[str, str]]:
    """So many cases of as many customers, straight into the tables: nothing but number and address matters here."""
    from django.utils import timezone

    from cases.models import Case
    from products.models import Customer

    now, stamp = timezone.now(), time.time_ns()
    people = [Customer(email=f"person{number}.{stamp}@bench.example") for number in range(pairs)]
    Customer.objects.bulk_create(people)
    cases = [
        Case(
            reference=f"B{stamp % 10**9}-{number}",
            customer=person,
            source="mail",
            received_at=now,
            submitted_on=now.date(),
            submitted_zone="Europe/Berlin",
            submitted_zone_found="customer",
            changed_at=now,
        )
        for number, person in enumerate(people)
    ]
    Case.objects.bulk_create(cases)
    return [(case.reference, case.customer.email) for case in cases]


def _tell(took: dict[bool, list[float]], answers: int) -> int:
    known, absent = took[True], took[False]
    ranked = sorted([(seconds, True) for seconds in known] + [(seconds, False) for seconds in absent])
    ranks = sum(place for place, (_seconds, exists) in enumerate(ranked, start=1) if exists)
    n, m = len(known), len(absent)
    longer = (ranks - n * (n + 1) / 2) / (n * m)
    chance = 3 * ((n + m + 1) / (12 * n * m)) ** 0.5
    for name, times in (("existing", known), ("absent", absent)):
        quarters = statistics.quantiles(times, n=20)
        print(
            f"{name:9} n={len(times)} median {1000 * statistics.median(times):.2f} ms  p95 {1000 * quarters[-1]:.2f} ms"
        )
    alike = answers == 1 and abs(longer - 0.5) <= chance
    figure = f"an existing one takes longer {longer:.3f} of the time (chance: 0.5 ± {chance:.3f})"
    tell(Row("Background", "send me my link: timing tells nothing", n, figure, None, "as chance", met=alike))
    print(
        f"different answers: {answers}   existing takes longer: {longer:.3f} of the time (chance: 0.5 ± {chance:.3f})"
    )
    return 0 if alike else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
