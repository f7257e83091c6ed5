"""`make lighthouse`: the portal of a desk served as in production, looked at by Lighthouse's phone (mobile, throttled).

    python -m bench.lighthouse [--runs 3] [--keep] [--only PART_OF_A_NAME]

Needs node 18.16 or newer, `npm ci` in this folder, and Chromium (CHROME_PATH). A demo desk of its own is made in a
folder that is thrown away, or reused with --folder. Prints a table; --keep writes it to docs/lighthouse.md.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.server import free_port

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST = 95
LANGUAGES = ("en", "ja")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.lighthouse", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--runs", type=int, default=3, help="looks at each page; the median counts")
    parser.add_argument("--only", default="", help="only pages with this in their name")
    parser.add_argument("--folder", default="", help="keep the demo desk here, and take it again")
    parser.add_argument("--keep", action="store_true", help="write docs/lighthouse.md")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="warrantydesk-lighthouse-") as name:
        folder, port = Path(asked.folder or name), free_port()
        _make(folder)
        os.environ.update(_production(folder, port))
        with _served(port):
            pages = [page for page in _pages() if asked.only in page["name"]]
            found = _look(pages, f"http://127.0.0.1:{port}", asked.runs)
    rows = [_row(page, [look for look in found if look["name"] == page["name"]]) for page in pages]
    print(_table(rows))
    if asked.keep:
        _keep(rows, asked.runs)
    return 0 if all(row["good"] for row in rows) else 1


def _environment(folder: Path, **more: str) -> dict[str, str]:
    places = {"DATA_DIR": str(folder), "STATIC_DIR": str(folder / "static"), "DATABASE_URL": "", "REDIS_URL": ""}
    secret = "only for looking at, of a process that listens to this machine alone"
    return {**places, "SECRET_KEY": secret, "LOG_LEVEL": "WARNING",
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}", **more}  # fmt: skip


def _production(folder: Path, port: int) -> dict[str, str]:
    where = {"SITE_URL": f"http://127.0.0.1:{port}", "HOST": "127.0.0.1", "WEB_PORT": str(port)}
    return _environment(folder, DEBUG="0", DJANGO_SETTINGS_MODULE="warrantydesk.settings", **where)


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "static").mkdir(exist_ok=True)
    for settings, command in (
        ({"DEBUG": "1"}, ["migrate", "--verbosity", "0"]),
        ({"DEBUG": "1"}, ["demo", "--if-empty", "--size", "40"]),
        ({"DEBUG": "0"}, ["collectstatic", "--no-input", "--verbosity", "0"]),
    ):
        run = [sys.executable, "manage.py", *command]
        subprocess.run(run, cwd=ROOT, env=os.environ | _environment(folder, **settings), check=True, stdout=sys.stderr)


@contextmanager
def _served(port: int) -> Iterator[None]:
    """The Procfile's own line."""
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    web = next(line for line in lines if line.startswith("web: ")).removeprefix("web: ")
    process = subprocess.Popen(["bash", "-c", f"exec {web}"], cwd=ROOT)
    try:
        for _try in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            except OSError:
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def _pages() -> Iterator[dict[str, Any]]:
    import bench.django_ready  # noqa: F401 - sets Django up
    from bench.lighthouse.browsers import customer, numbers_of_a_purchase, writer

    numbers = numbers_of_a_purchase()
    for language in LANGUAGES:
        asked = f"?lang={language}"
        yield {"name": f"start page, {language}", "path": f"/{asked}"}
        yield {"name": f"warranty check, {language}", "path": f"/check/{asked}"}
        yield {"name": f"warranty check, answer, {language}", "path": f"/check/{asked}", "press": "main form .btn",
               "fill": {"[name=invoice]": numbers[0], "[name=serial]": numbers[1]}}  # fmt: skip
        yield {"name": f"new request, {language}", "path": f"/request/{asked}"}
        yield {"name": f"new request, step 1, {language}", "path": "/request/product/", "cookie": writer(language)}
        yield {"name": f"status page, {language}", "path": "/status/", "cookie": customer(language)}


def _look(pages: list[dict[str, Any]], address: str, runs: int) -> list[dict[str, Any]]:
    chromium = os.environ.get("CHROME_PATH") or shutil.which("chromium") or "/usr/bin/chromium"
    plan = json.dumps({"chromium": chromium, "address": address, "runs": runs, "pages": pages})
    found = []
    with subprocess.Popen(
        ["node", "look.mjs"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as eye:
        assert eye.stdin is not None
        assert eye.stdout is not None
        eye.stdin.write(plan)
        eye.stdin.close()
        for line in eye.stdout:
            look = json.loads(line)
            found.append(look)
            print(look["name"], look["scores"], look.get("error") or "", file=sys.stderr, flush=True)
            for lost in look["lost"]:
                print("   ", json.dumps(lost)[:600], file=sys.stderr, flush=True)
    if eye.returncode:
        sys.exit("Lighthouse did not look: is `npm ci` done in bench/lighthouse, and Chromium at CHROME_PATH?")
    return found


def _row(page: dict[str, Any], looks: list[dict[str, Any]]) -> dict[str, Any]:
    scores = {one: round(100 * statistics.median(look["scores"][one] or 0 for look in looks)) for one in CATEGORIES}
    kilobytes = round(max(look["bytes"] or 0 for look in looks) / 1000)
    return {**page, "scores": scores, "kilobytes": kilobytes, "good": min(scores.values()) >= LEAST}


def _table(rows: list[dict[str, Any]]) -> str:
    head = "| page | performance | accessibility | best practices | SEO | kB |\n|---|---:|---:|---:|---:|---:|"
    lines = [f"| {row['name']} | {' | '.join(map(str, row['scores'].values()))} | {row['kilobytes']} |" for row in rows]
    return "\n".join([head, *lines])


def _keep(rows: list[dict[str, Any]], runs: int) -> None:
    path = ROOT / "docs" / "lighthouse.md"
    before = path.read_text(encoding="utf-8").partition("<!-- figures -->")[0]
    said = (
        f"Looked at on {datetime.now(UTC):%Y-%m-%d}, each page {runs} times; "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end."
    )
    path.write_text(f"{before}<!-- figures -->\n\n{said}\n\n{_table(rows)}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
