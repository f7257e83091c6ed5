"""Mutation testing of the pure modules: does a test notice when a line says something else?

mutmut writes the mutants (`mutmut run` fills the folder mutants/); this runs them, since mutmut hands pytest the ids of
single tests, and some of ours hold signs that pytest reads otherwise. The tests are collected once and a process is
forked for each mutant, which stops at the first failure. How to run it, and what is left: bench/MUTANTS.md.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import pytest

SURVIVED, KILLED = 0, 1


class Mutants:
    """A plugin for pytest that runs what was collected once for each mutant of one file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.names = list(json.loads(Path(f"{path}.meta").read_text(encoding="utf-8"))["exit_code_by_key"])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo) -> None:
        if call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
            os._exit(KILLED)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        status, seconds = self.run(session, "none", limit=300)
        if status != SURVIVED:
            sys.exit(f"{self.path}: the tests fail without any mutant")
        left = [name for name in self.names if self.run(session, name, limit=int(seconds * 5) + 3)[0] == SURVIVED]
        done = {"file": self.path, "mutants": len(self.names), "killed": len(self.names) - len(left), "left": left}
        print(json.dumps(done), file=sys.__stdout__, flush=True)
        os._exit(0)

    def run(self, session: pytest.Session, name: str, limit: int) -> tuple[int, float]:
        began = time.process_time()
        child = os.fork()
        if not child:
            self.live(session, name, limit)
        status, used = os.wait4(child, 0)[1:]
        return status, used.ru_utime + used.ru_stime + time.process_time() - began

    def live(self, session: pytest.Session, name: str, limit: int) -> None:
        os.environ["MUTANT_UNDER_TEST"] = name
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))  # a mutant may never end
        try:
            for item, following in zip(session.items, [*session.items[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        except BaseException:
            os._exit(KILLED)
        os._exit(SURVIVED)


if __name__ == "__main__":
    os.environ["MUTANT_UNDER_TEST"] = "none"
    quickly = ["-n0", "-q", "--rootdir=.", "--assert=plain", "--capture=no"]
    without = ["-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:logging"]
    pytest.main([*quickly, *without, *sys.argv[2:]], plugins=[Mutants(sys.argv[1])])
