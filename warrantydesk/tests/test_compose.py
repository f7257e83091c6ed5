"""docker-compose.yml and the Procfile say the same; `docker compose config` reads the file where there is one."""

import os
import re
import shutil
import subprocess

import yaml
from django.conf import settings

from warrantydesk import env

COMPOSE = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8"))
PROCFILE = dict(
    line.split(": ", 1) for line in (settings.BASE_DIR / "Procfile").read_text(encoding="utf-8").splitlines() if line
)
ONE_SHOT = {"migrate", "make-bucket"}


def test_every_process_of_the_procfile_is_a_service_started_from_the_procfile():
    assert set(PROCFILE) == {"web", "worker", "beat"}
    for process in PROCFILE:
        assert COMPOSE["services"][process]["command"] == ["honcho", "start", "--no-prefix", process]


def test_the_workers_of_the_file_together_take_from_every_queue_and_each_runs_the_procfiles_line():
    workers = [service for name, service in COMPOSE["services"].items() if name.startswith("worker")]
    assert {tuple(worker["command"]) for worker in workers} == {("honcho", "start", "--no-prefix", "worker")}
    taken = [queue for worker in workers for queue in worker["environment"]["WORKER_QUEUES"].split(",")]
    named = re.search(r"WORKER_QUEUES:-([a-z,]+)", PROCFILE["worker"])
    assert named
    assert sorted(taken) == sorted(named[1].split(",")) == sorted(one.name for one in settings.CELERY_TASK_QUEUES)
    assert {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} <= set(taken)


def test_every_lasting_service_has_a_healthcheck():
    for name, service in COMPOSE["services"].items():
        healthcheck = service.get("healthcheck", {})
        assert healthcheck.get("test") or (name in ONE_SHOT and healthcheck.get("disable")), name


def test_every_variable_given_to_the_desk_is_a_setting():
    unknown = set(COMPOSE["x-desk"]["environment"]) - set(env.SETTINGS)
    assert not unknown


def test_no_password_stands_in_the_file():
    text = (settings.BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8")
    for name, value in re.findall(r"(\w*(?:PASSWORD|SECRET)\w*): (\S+)", text):
        assert value.startswith("${"), name


def _has_docker_compose() -> bool:
    docker = shutil.which("docker")
    return (
        docker is not None
        and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0
    )


def test_compose_file_names_only_known_top_level_keys():
    assert set(COMPOSE) == {"x-desk", "services", "volumes"}
    for service in COMPOSE["services"].values():
        assert set(service) <= {
            "build", "image", "restart", "environment", "depends_on", "command", "ports", "healthcheck", "volumes",
        }  # fmt: skip


if _has_docker_compose():

    def test_compose_file_is_read_by_docker_compose():
        environment = {**os.environ, "SECRET_KEY": "x", "POSTGRES_PASSWORD": "x", "S3_SECRET_KEY": "x"}
        command = ["docker", "compose", "config", "--quiet"]
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
