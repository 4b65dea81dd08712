"""Many web processes get one refresh token at the same moment: never two successors. On MariaDB, as in production."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from accounts.models import RefreshToken, User
from accounts.sign_ins import tokens
from accounts.sign_ins.tokens import Device, Kind

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES, ROUNDS = 4, 25
# Each process says that it is ready, waits for a line with the token, shows it, and tells what it got.
RIVAL = """
import json, sys
import django
django.setup()
from datetime import timedelta
from django.conf import settings
from django.db import connection
from django.utils import timezone
for alias, name in json.loads(sys.argv[1]).items():
    settings.DATABASES[alias]["NAME"] = name
connection.ensure_connection()
from accounts.sign_ins import tokens
print("ready", flush=True)
for line in sys.stdin:
    now = timezone.now() + timedelta(minutes=6)
    print(tokens.rotate(line.strip(), tokens.Kind.WEB, now).outcome.value, flush=True)
"""


def rival() -> subprocess.Popen[str]:
    names = {alias: str(connections[alias].settings_dict["NAME"]) for alias in connections}
    environment = dict(os.environ) | {"DJANGO_SETTINGS_MODULE": "caicaini.settings"}
    return subprocess.Popen(
        [sys.executable, "-c", RIVAL, json.dumps(names)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=settings.BASE_DIR,
    )


def test_four_processes_never_get_two_successors(ann: User) -> None:
    rivals = [rival() for _ in range(PROCESSES)]
    try:
        assert [_hear(each) for each in rivals] == ["ready"] * PROCESSES
        for number in range(ROUNDS):
            family, refresh = tokens.begin(ann, Kind.WEB, Device(), timezone.now())
            for each in rivals:
                assert each.stdin
                each.stdin.write(f"{refresh}\n")
            for each in rivals:
                assert each.stdin
                each.stdin.flush()
            outcomes = sorted(_hear(each) for each in rivals)
            assert outcomes == ["rotated", "sibling", "sibling", "sibling"], number
            assert RefreshToken.objects.filter(family=family).count() == 2
    finally:
        for each in rivals:
            each.kill()
            each.communicate()


def _hear(each: subprocess.Popen[str]) -> str:
    assert each.stdout
    return each.stdout.readline().strip()
