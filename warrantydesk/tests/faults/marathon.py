"""`make faults`: every fault many times, with other seeds each time. Interrupted, it goes on where it was.

    python -m warrantydesk.tests.faults.marathon [--log var/faults.log] [--again] [--only NAME]

Each line of the log is one round: what, how it ended, how long it took, how busy the machine was. A round that passed
is not run again; one that failed is. At the end a summary stands on standard output and in bench/NOTES.md, for
bench/RESULTS.md.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent.parent
FAULTS = "warrantydesk/tests/faults/test_faults.py"
POLLERS = "warrantydesk/intake/tests/test_killed_pollers.py"
# name: (file, which tests, rounds, environment). 200 kills of processes, 200 of pollers, Redis ten times away a minute.
ROUNDS = {
    "worker, beat and web killed": (FAULTS, "killed_anywhere", 10, {"FAULTS": "20"}),
    "Redis restarted, flushed and away": (FAULTS, "redis", 10, {"FAULTS_AWAY": "60"}),
    "PostgreSQL stopped and started": (FAULTS, "postgresql", 10, {"FAULTS_AWAY": "30"}),
    "deadlocks and serialisation failures": (FAULTS, "repeated", 5, {}),
    "trouble with the mail server": (FAULTS, "mail_server", 5, {}),
    "full disks, two beats, what always fails": (FAULTS, "disk or takes_over or always_fails", 5, {}),
    "pollers killed": (POLLERS, "", 10, {"FAULTS": "20"}),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", type=Path, default=ROOT / "var" / "faults.log")
    parser.add_argument("--again", action="store_true", help="forget the rounds that passed before")
    parser.add_argument("--only", default="", help="only the faults whose name begins so")
    asked = parser.parse_args()
    asked.log.parent.mkdir(parents=True, exist_ok=True)
    if asked.again:
        asked.log.unlink(missing_ok=True)
    passed = {line["round"] for line in _read(asked.log) if line["ok"]}
    # The first round of each before the second of any: an hour of it has seen every fault.
    for number in range(1, max(rounds for _file, _which, rounds, _environment in ROUNDS.values()) + 1):
        for name, (file, which, rounds, environment) in ROUNDS.items():
            this = f"{name} {number}"
            if number <= rounds and this not in passed and name.startswith(asked.only):
                _run(asked.log, this, file, which, {"FAULTS_SEED": str(1000 + number), **environment})
    return _tell(_read(asked.log))


def _run(log: Path, this: str, file: str, which: str, environment: dict[str, str]) -> None:
    began = time.monotonic()
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n0",
        "-q",
        "-p",
        "no:randomly",
        file,
        *(["-k", which] if which else []),
    ]
    if file == FAULTS:
        command.append("--reuse-db")  # its schema is only copied; that of the pollers is emptied by their tests
    said = log.with_suffix(".out")
    surroundings = {"FAULTS_PATIENCE": "600", **os.environ, **environment}
    with said.open("ab") as out:
        code = subprocess.run(command, cwd=ROOT, env=surroundings, stdout=out, stderr=out, check=False).returncode
    line = {
        "round": this,
        "ok": code == 0,
        "seconds": round(time.monotonic() - began),
        "load": round(os.getloadavg()[0], 1),
    }
    with log.open("a", encoding="utf-8") as file_:
        file_.write(json.dumps(line) + "\n")
    sys.stdout.write(f"{'passed' if code == 0 else 'FAILED'}  {this}  {line['seconds']} s\n")
    sys.stdout.flush()


def _read(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def _tell(lines: list[dict]) -> int:
    """By the latest end of each round."""
    latest = {line["round"]: line for line in lines}
    ended: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for name, line in latest.items():
        ended[line["ok"]][name.rpartition(" ")[0]] += 1
    rows = [
        f"| {name} | {ended[True][name]} of {rounds} | {ended[False][name]} |"
        for name, (_file, _which, rounds, _environment) in ROUNDS.items()
    ]
    took = sum(line["seconds"] for line in latest.values()) / 60
    wanted = sum(rounds for _file, _which, rounds, _environment in ROUNDS.values())
    loads = [line["load"] for line in latest.values() if "load" in line] or [0]
    done = f"{len(latest)} of {wanted} rounds, {took:.0f} minutes in all, load {min(loads)} to {max(loads)}"
    proved = (
        "After each that passed nothing acknowledged was lost, no mail left twice, and `check_integrity` found nothing."
    )
    head = ["## Faults", "", f"`make faults`: {done}. {proved}", ""]
    words = [*head, "| fault | rounds passed | failed |", "|---|---:|---:|", *rows]
    (ROOT / "bench" / "NOTES.md").write_text("\n".join(words) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(words) + "\n")
    return 1 if ended[False] or sum(ended[True].values()) < wanted else 0


if __name__ == "__main__":
    sys.exit(main())
