"""`forthwith suggestions train|show|try`, and that nothing which stays loads what learns (SOP 3.1)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests import learnt
from tests.doors.homes import Home

pytestmark = pytest.mark.sop("3.1")
FILL = """\
import sys
from datetime import datetime, timedelta, timezone
import django
django.setup()
from django.conf import settings
from tests.suggestions.closed import SMALL, close
from tests import desk_fixtures as d
d.install(SMALL, now=datetime.now(timezone.utc))
close(d.hire(), 30)
"""


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A desk with thirty closed tickets."""
    home = Home(tmp_path_factory.mktemp("taught"))
    assert home.run("init").returncode == 0
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FORTHWITH_")}
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", FILL], env={**kept, **home.variables}, cwd=root, check=True)
    return home


def test_learn_show_and_try(taught: Home) -> None:
    (taught.folder / "home" / "suggestions" / "model").unlink(missing_ok=True)
    said = taught.run("suggestions", "show")
    assert (said.returncode, said.stdout) == (1, "")
    assert "forthwith suggestions train" in said.stderr
    said = taught.run("suggestions", "train")
    assert said.returncode == 0, said.stderr
    assert "read 30 closed tickets" in said.stdout
    assert "Category: on the newest 6 tickets 100.0% right at once" in said.stdout
    shown = taught.json("suggestions", "show", "--json")
    assert isinstance(shown, dict)
    assert shown["tickets"] == 30
    subject, text = learnt.request("network.vpn", random.Random(5))
    said = taught.run("suggestions", "try", stdin=f"{subject}\n{text}")
    assert f"Category: network.vpn (model {shown['revision']}, " in said.stdout
    assert "A ticket would begin as network.vpn" in said.stdout
    found = taught.json("suggestions", "try", "--json", stdin="qqqq\nzzzz")
    decided = {"category": "other", "priority": "medium"}
    assert found == {"category": [], "priority": [], "team": [], "decided": decided}


def test_wrong_use_is_a_sentence(taught: Home, bare: Home) -> None:
    said = taught.run("suggestions", "train", "--training", "99")
    assert (said.returncode, said.stderr) == (1, "forthwith: There is no training 99 that is going on.\n")
    assert "forthwith init" in bare.run("suggestions", "show").stderr
    assert "not UTF-8" in taught.run("suggestions", "try", stdin=b"\xff\xfe").stderr


def test_a_damaged_file_is_told_and_learnt_over(taught: Home) -> None:
    assert taught.run("suggestions", "train").returncode == 0
    at = taught.folder / "home" / "suggestions" / "model"
    at.write_bytes(at.read_bytes()[:1000])
    said = taught.run("suggestions", "show")
    assert said.returncode == 1
    assert "cannot be read" in said.stderr
    assert "The model" in taught.run("suggestions", "try", stdin="printer").stdout
    assert taught.run("suggestions", "train").returncode == 0


def test_what_stays_in_memory_loads_nothing_that_learns(taught: Home) -> None:
    script = (
        "import sys, django; django.setup(); from forthwith.config import urls, asgi; "
        "from forthwith.worker import run; "
        "from forthwith.record import procedures; from forthwith.steps import triage; "
        "triage.suggest(procedures.current(), 'the tunnel drops', 'gateway'); "
        "sys.exit(any(name in sys.modules for name in ('numpy', 'scipy', 'sklearn')))"
    )
    variables = {**os.environ, **taught.variables, "DJANGO_SETTINGS_MODULE": "forthwith.config.settings"}
    variables.pop("FORTHWITH_DATABASE_URL", None)
    assert subprocess.run([sys.executable, "-c", script], env=variables, check=False).returncode == 0
