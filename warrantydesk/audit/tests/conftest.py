"""Fixtures for the trail's tests."""

from warrantydesk.staff.tests.conftest import desk, person  # noqa: F401 - fixtures
