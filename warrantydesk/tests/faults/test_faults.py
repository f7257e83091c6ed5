"""What really happens to servers, done to a desk of real processes under mixed load; after each, nothing is lost.

A short form here; `make faults` does each many times with other seeds (FAULTS kills, FAULTS_SEED), and can be resumed.
"""

import os
import time
from collections.abc import Iterator
from functools import partial
from random import Random

import pytest

from warrantydesk.beat import KEY
from warrantydesk.tests.faults.load import PHOTO, Load
from warrantydesk.tests.faults.servers import missing
from warrantydesk.tests.faults.stack import Stack, running_stack
from warrantydesk.tests.processes import PATIENCE, wait_for

KILLS = int(os.environ.get("FAULTS", "20"))
SEED = os.environ.get("FAULTS_SEED", "2026")
AWAY = float(os.environ.get("FAULTS_AWAY", "3"))  # seconds

pytestmark = [
    pytest.mark.services,
    pytest.mark.processes,
    pytest.mark.django_db,  # the suite's own database is made, and what is in it is copied
    pytest.mark.timeout(3 * PATIENCE + 5 * KILLS),
    pytest.mark.xdist_group("faults"),
]


@pytest.fixture(scope="module")
def _stack(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker) -> Iterator[Stack]:
    if lacks := missing():
        pytest.skip(f"THIS MACHINE LACKS {lacks}: no fault is tried.")
    with django_db_blocker.unblock(), running_stack(tmp_path_factory.mktemp("faults")) as stack:
        yield stack


@pytest.fixture
def stack(_stack: Stack) -> Iterator[Stack]:
    try:
        yield _stack
    finally:
        for line in _stack.lines.values():
            line.restore()
        _stack.mails.behave("take")


def test_nothing_is_lost_when_worker_beat_and_web_are_killed_anywhere(stack: Stack) -> None:
    chance, killed = Random(SEED), 0
    with stack.load() as load:
        while killed < KILLS:
            time.sleep(chance.uniform(0, 0.4))  # a random point of whatever is under way
            whom = chance.choices(("worker child", "web child", "worker", "beat", "web"), (13, 3, 2, 1, 1))[0]
            name, _blank, child = whom.partition(" ")
            if child:
                killed += stack.kill_child(name, chance.choice)
            else:
                stack.restart(name)
                killed += 1
        stack.answers_again(load)
    stack.prove(load)


def test_nothing_is_lost_when_redis_is_restarted_flushed_and_away(stack: Stack) -> None:
    with stack.load() as load:
        stack.redis.flush()
        some_work(load)
        stack.redis.kill()
        stack.redis.start()
        some_work(load)
        stack.lines["redis"].cut()
        time.sleep(AWAY)
        stack.lines["redis"].restore()
        stack.answers_again(load)
    stack.prove(load)


def test_nothing_is_lost_when_postgresql_is_stopped_and_started(stack: Stack) -> None:
    with stack.load() as load:
        some_work(load)
        stack.postgres.stop("immediate")
        time.sleep(AWAY / 3)
        stack.postgres.start()
        stack.answers_again(load)
        stack.lines["postgres"].cut()
        stack.lines["postgres"].restore()
        stack.answers_again(load)
    stack.prove(load)


@pytest.mark.parametrize("state", ["40P01", "40001"], ids=["deadlock", "serialisation_failure"])
def test_nothing_is_lost_when_transactions_fail_and_must_be_repeated(stack: Stack, state: str) -> None:
    """Every third event, outgoing and incoming mail meets it, as the database would say it."""
    load = stack.load()
    stack.postgres.sql(
        "CREATE SEQUENCE IF NOT EXISTS injected; CREATE OR REPLACE FUNCTION inject() RETURNS trigger AS $$ BEGIN "
        f"IF nextval('injected') % 3 = 0 THEN RAISE EXCEPTION 'injected' USING ERRCODE = '{state}'; END IF; "
        "RETURN NEW; END $$ LANGUAGE plpgsql"
    )
    tables = ("cases_caseevent", "cases_outgoingmail", "intake_incomingmail")
    for table in tables:
        stack.postgres.sql(
            f"CREATE TRIGGER inject BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION inject()"
        )
    try:
        with load:
            some_work(load, more=6)
    finally:
        for table in tables:
            stack.postgres.sql(f"DROP TRIGGER inject ON {table}")
    stack.prove(load)


def test_every_mail_leaves_once_or_waits_for_a_person_when_the_mail_server_makes_trouble(stack: Stack) -> None:
    with stack.load() as load:
        for how, becomes in (("550", "failed"), ("421", "queued"), ("hang", "uncertain"), ("drop", "uncertain")):
            stack.mails.behave(how)
            some_work(load, more=3)
            wait_for(f"a mail met {how}", partial(a_mail_is, stack, becomes))
        stack.lines["smtp"].cut()
        some_work(load)
        stack.lines["smtp"].restore()
        stack.mails.behave("take")
        some_work(load)
    stack.prove(load)
    assert all(a_mail_is(stack, status) for status in ("sent", "failed", "uncertain"))


def a_mail_is(stack: Stack, status: str) -> bool:
    return status in {one for one, _key in stack.ask("look")["mails"].values()}


def some_work(load: Load, more: int = 4) -> None:
    before = load.progress()
    wait_for("the desk to acknowledge some work", lambda: load.progress() >= before + more)


def test_another_beat_takes_over_when_the_one_that_acts_is_killed_and_both_together_act_once(stack: Stack) -> None:
    stack.desk.start("beat", again="second")
    stack.desk.kill("beat")
    wait_for("the second beat acts", lambda: "this beat acts" in stack.desk.log_of("beat second"))
    stack.desk.start("beat")
    with stack.load() as load:
        stack.answers_again(load)
    stack.prove(load)
    assert stack.postgres.sql(f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {KEY}") == [(1,)]
    stack.desk.kill("beat second")


def test_file_that_always_fails_its_worker_is_put_aside_and_the_queue_goes_on(stack: Stack) -> None:
    with stack.load() as load:
        stack.answers_again(load)
        poisoned = stack.ask("poison")
        stack.answers_again(load)
    wait_for("the poison is put aside", lambda: stack.ask("fate", evidence=poisoned) in ("failed", "refused"))
    stack.prove(load)


def test_nothing_half_done_is_left_when_the_disk_of_the_files_is_full(stack: Stack) -> None:
    """Files of more than a few kilobytes do not fit; whoever sends one hears that it was not taken, and tries again."""
    stack.desk.kill("web")
    stack.desk.start("web", most_kilobytes=4)
    wait_for("the web answers", stack.desk.is_ready)
    load = stack.load(decisions=1)
    assert not load.send_mail("<full@example.com>", photo=PHOTO + b"\0" * 100_000)
    assert load.send_mail("<small@example.com>", photo=b"")
    stack.restart("web")
    wait_for("the web answers", stack.desk.is_ready)
    assert load.send_mail("<full@example.com>", photo=PHOTO + b"\0" * 100_000)
    load.acknowledged_mails |= {"<full@example.com>", "<small@example.com>"}
    stack.prove(load)
