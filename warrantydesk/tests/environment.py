"""What the suite needs in the environment before settings are read (loaded by `-p` in pyproject.toml).

Every process of the suite has a data folder of its own, so several runs on one machine never meet.
"""

import atexit
import gc
import os
import shutil
import tempfile
from urllib.parse import urlsplit, urlunsplit

# Thousands of tests and all libraries come to stay: nothing of them is garbage while they are gathered. It is looked
# for again from the first test on (conftest.py).
gc.disable()

# What a developer's shell says about real systems: the suite meets none of them.
CARRIERS = ("DHL_", "UPS_", "FEDEX_", "USPS_", "GLS_", "EASYPOST_", "AFTERSHIP_")
OUTSIDE = (*CARRIERS, "IMAP_", "CLAMD_", "S3_", "MAIL_WEBHOOK")
for _name in [name for name in os.environ if name.startswith(OUTSIDE)]:
    del os.environ[_name]

os.environ["TESTING"] = "1"
os.environ["LOG_LEVEL"] = "WARNING"  # a line for each of thousands of requests: who looks at one asks for it
os.environ["DEMO"] = "1"  # its doors are addresses like others: the access table walks them, too
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="warrantydesk-test-")
_owner = os.getpid()

# Emptying a cache in Redis empties its whole database, so every process of the suite has one of its own: 1 to 9.
_FIRST, _MANY = 1, 9
if "REDIS_URL" in os.environ:
    _process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    _server = urlsplit(os.environ["REDIS_URL"])
    os.environ["REDIS_URL"] = urlunsplit(_server._replace(path=f"/{_FIRST + _process % _MANY}"))


def _remove_data_folder() -> None:
    if os.getpid() == _owner:  # a forked child must not take its parent's files away
        shutil.rmtree(os.environ["DATA_DIR"], ignore_errors=True)


atexit.register(_remove_data_folder)


def pytest_unconfigure() -> None:
    _remove_data_folder()
