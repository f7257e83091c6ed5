"""Runs Python on the database of a desk whose environment it is started in (`Desk.ask`).

A question is Python that leaves its answer in `answer`; back comes {"answer": …}, or {"error": …} with the trace.
"""

import json
import os
import sys
import traceback
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "warrantydesk.settings")

import django

django.setup()

from django.db import connections


def answer_to(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    try:
        exec(code, names)
        return {"answer": names["answer"]}
    except Exception:
        return {"error": traceback.format_exc()}
    finally:
        connections.close_all()


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer_to(json.loads(line)), default=str) + "\n")
        sys.stdout.flush()
