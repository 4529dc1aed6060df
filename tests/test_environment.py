"""The tests run where they say they do, and never on a developer's own desk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection


@pytest.mark.django_db
def test_the_database_is_the_one_asked_for() -> None:
    assert connection.vendor == os.environ.get("FORTHWITH_TEST_DATABASE", "sqlite")
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from django_migrations")
        assert cursor.fetchone()[0] > 0


@pytest.mark.postgresql
@pytest.mark.django_db
def test_tests_marked_postgresql_run_on_it() -> None:
    assert connection.vendor == "postgresql"


def test_home_is_a_folder_of_the_tests() -> None:
    assert Path(os.environ["FORTHWITH_HOME"]).name.startswith("forthwith-test-")
    assert "var" not in Path(os.environ["FORTHWITH_HOME"]).parts[-1:]


@pytest.mark.django_db
def test_settings_pass_their_own_checks() -> None:
    assert settings.USE_TZ
    call_command("check", fail_level="WARNING", databases=["default"])
