"""Tells which case a test executes to whoever runs it (`python -m tests.conformance`)."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "case(name): executes this certification case of the folder's OCPP version")


def pytest_runtest_setup(item: pytest.Item) -> None:
    marker = item.get_closest_marker("case")
    if marker is not None:
        item.user_properties.append(("case", marker.args[0]))
