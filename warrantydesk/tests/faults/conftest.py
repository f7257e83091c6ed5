"""Fixtures of the cases that are needed here."""

from cases.tests.conftest import mail_folder  # noqa: F401 - a fixture
