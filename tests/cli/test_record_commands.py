"""A wrong merge is taken back from the command line, by somebody's rights."""

from __future__ import annotations

import json
from contextlib import closing

from outreach.bootstrap import build_app
from outreach.services.access import NewUser
from outreach.storage.database import Database
from tests.cli.command_line import run
from tests.services.case_files import csv_file, positive
from tests.web.conftest import settings_for


def test_a_merge_is_taken_back_in_the_name_of_somebody_who_may(
    environment: dict[str, str], database: Database, redis_url: str, platform: str
) -> None:
    with closing(build_app(settings_for(database, redis_url))) as app:
        asker = app.access.asker_of(app.access.add_user(NewUser("sup", ["supervisor"], [platform])))
        assert asker is not None
        rows = (positive("P1", "Durand"), positive("P2", "Durant", "06 39 98 00 07"))
        app.case_import.import_file(csv_file(*rows), platform=platform)
        kept, other = (app.case_reading.named(platform, "si-dep", name) for name in ("P1", "P2"))
        app.records.merging.merge(kept, other, asker)
    nobody = run(environment, "records", "split", str(other), "--by", "nobody", "--yes")
    assert (nobody.returncode, "Nobody with this login" in nobody.stderr) == (1, True)
    split = run(environment, "records", "split", str(other), "--by", "sup", "--yes", "--json")
    assert json.loads(split.stdout) == {"record": str(other), "kept": str(kept)}, split.stderr
    again = run(environment, "records", "split", str(other), "--by", "sup", "--yes")
    assert (again.returncode, "was not merged" in again.stderr) == (1, True)
