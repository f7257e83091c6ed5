"""What a web process holds from its start: the application and its addresses, and nothing that few requests need."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Each was several megabytes of every web process, for something that is asked for once a day.
LATER = {
    "openpyxl": "writes and reads XLSX",
    "PIL": "looks at pictures, which workers do",
    "drf_spectacular.openapi": "makes the schema of the API",
    "django.test": "belongs to a suite; drf-spectacular brings it",
}
LOADED = "import sys, warrantydesk.wsgi, warrantydesk.urls; print(*sys.modules)"


def test_web_process_starts_without_what_few_requests_need() -> None:
    deployed = {**os.environ, "DEMO": "0"}  # the demo paints its photos
    started = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, env=deployed, capture_output=True, text=True, check=True
    )
    loaded = set(started.stdout.split())
    assert "warrantydesk.urls" in loaded
    assert loaded.isdisjoint(LATER)
