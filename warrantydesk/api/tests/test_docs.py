"""Every example of docs/api.md runs, against a server that listens."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from products.models import Invoice
from products.tests.factories import KitFactory

PAGE = Path(settings.BASE_DIR, "docs", "api.md").read_text(encoding="utf-8")


def token() -> str:
    """As the page makes one."""
    [line] = re.findall(r"^    manage\.py api_token .*$", PAGE, re.MULTILINE)
    arguments = re.findall(r'"[^"]+"|\S+', line)[2:]
    out = io.StringIO()
    more = ["--scope", "cases:write", "--scope", "cases:read"]
    call_command("api_token", *(one.strip('"') for one in arguments), *more, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


@pytest.mark.django_db(transaction=True)
def test_client_of_the_page_runs_twice_with_the_same_result(live_server):
    KitFactory(sku="KIT")
    [client] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    given = {"ADDRESS": live_server.url, "TOKEN": token()}
    said = []
    for _time in range(2):
        with redirect_stdout(io.StringIO()) as out:
            exec(compile(client, "docs/api.md", "exec"), dict(given))
        # The log of the server, which runs in a thread of ours, ends up in the same place.
        said.append([line for line in out.getvalue().splitlines() if "request_id" not in line])
    assert said[0] == said[1]
    assert len(said[0]) == 6
    assert all("covered through 3 Mar 2026" in line for line in said[0][:-1])
    assert re.fullmatch(r"WD-\S+ submitted \['part', 'evidence'\]", said[0][-1])
    assert Invoice.objects.count() == 1
