"""What a platform has by the time a visitor comes: a rota, notices, a neighbour's help, AUTO, old records."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from outreach.bootstrap import App
from outreach.clock import SetClock
from outreach.demo.believable_day import write_unconfirmed
from outreach.demo.client import Client, Refused
from outreach.demo.crew import Crew, Worker
from outreach.demo.setting import NEIGHBOUR, PLATFORM, DemoSetting
from outreach.domain.call_list import CallClass
from outreach.log import get_logger
from outreach.services.case_import import CaseImport

log = get_logger("demo")

PARIS = ZoneInfo("Europe/Paris")
OURS = f"/api/v1/platforms/{PLATFORM}"
# From, until, positions on a working day, and at the week-end.
SHIFTS = (
    ("00:00", "07:00", 3, 3),
    ("07:00", "14:00", 12, 8),
    ("13:30", "20:30", 12, 8),
    ("20:30", "24:00", 4, 3),
)
DOCTOR, DOCTORS_HOURS = "agent01", ("09:00", "17:00")
ROTA_DAYS = 14
SATURDAY = 5
NOTICES = (
    (
        "Tests du foyer",
        "Dès aujourd’hui, chaque cas contact du foyer est testé tout de suite, puis une seconde fois en fin "
        "d’isolement. Dites-le à la fin de chaque entretien.",
    ),
    (
        "Vague attendue en fin de journée",
        "Deux laboratoires enverront leurs résultats en retard. Les positifs dont le délai finit passent "
        "d’abord : ne gardez personne en main sans appeler.",
    ),
)
READERS_OF_FIRST = 5  # the other notice is still to be read by everybody
LENT = {
    "helper": NEIGHBOUR,
    "share": 50,
    "most": 120,
    "call_classes": [CallClass.HOUSEHOLD, CallClass.COLLECTIVE_SETTING, CallClass.CONTACT],
    "reason": "Deux agents de Pau appellent des cas contacts avec nous jusqu’à demain.",
}
LIGHT_FOR = timedelta(seconds=90)
WHY_LIGHT = "Le temps que la deuxième équipe arrive : entretiens allégés."
OLD_RECORDS, OLD_AGE = 6, timedelta(days=5)


@dataclass
class Surroundings:
    """Made once, through the public API where it has a way; what is refused is left out."""

    app: App
    setting: DemoSetting
    crew: Crew
    supervisor: Client
    seed: int
    # AUTO leaves people's own switches alone until their end.
    auto_from: datetime | None = field(default=None)

    def furnish(self) -> None:
        """Everything that waits for nobody."""
        for make in (self._plan_rota, self._publish, self._lend, self._turn_auto_on, self._keep_old_records):
            try:
                make()
            except Refused as refusal:
                log.info("demo.not_furnished", what=make.__name__, code=refusal.code)

    def look_ahead(self) -> None:
        """AUTO's first look, once it may: its quarter of an hour is longer than many a visit."""
        if self.auto_from is not None and self.app.clock.now() > self.auto_from:
            self.app.modes.auto.run()
            self.auto_from = None

    def _today(self) -> date:
        return self.app.clock.now().astimezone(PARIS).date()

    def _plan_rota(self) -> None:
        monday = self._today() - timedelta(days=self._today().weekday())
        content = rota_file(monday).encode()
        self.supervisor.send_file(f"{OURS}/rota", "planning.csv", content, {})
        for reason, who, day, (starts, ends) in (
            ("TRAINING", {"positions": 2}, self._today(), (14, 16)),
            ("LEAVE", {"agent": DOCTOR}, self._today() + timedelta(days=1), (9, 17)),
        ):
            span = {"starts_at": _moment(day, starts), "ends_at": _moment(day, ends)}
            self.supervisor.post(f"{OURS}/absences", {"reason": reason, **who, **span})

    def _publish(self) -> None:
        first, *_ = [
            self.supervisor.post("/api/v1/notices", {"title": title, "text": text, "platform": PLATFORM})
            for title, text in NOTICES
        ]
        for reader in self.crew.agents[:READERS_OF_FIRST]:
            self._as(reader).post(f"/api/v1/notices/{first['id']}/acknowledge")

    def _as(self, worker: Worker) -> Client:
        return Client(self.supervisor.url, worker.token, self.supervisor.clock)

    def _lend(self) -> None:
        ends_at = self.app.clock.now() + timedelta(days=1)
        self.supervisor.post(f"{OURS}/loans", {**LENT, "ends_at": ends_at.isoformat()})

    def _turn_auto_on(self) -> None:
        """A switch with an end first: from that end on AUTO looks ahead."""
        self.supervisor.put(f"{OURS}/mode/auto", {"setting": "PROPOSE"})
        ends_at = self.app.clock.now() + LIGHT_FOR
        wish = {"mode": "LIGHT", "reason": WHY_LIGHT, "ends_at": ends_at.isoformat()}
        seen = self.supervisor.get(f"{OURS}/mode")
        self.supervisor.put(f"{OURS}/mode", wish | {"version": seen["version"]})
        self.auto_from = ends_at

    def _keep_old_records(self) -> None:
        """Contacts that came days ago, and their positives never: the watch list has them."""
        then = self.app.clock.now() - OLD_AGE
        file = self.setting.folder / "unconfirmed.csv"
        write_unconfirmed(file, comes=then, seed=self.seed, contacts=OLD_RECORDS)
        days_ago = CaseImport(self.app.database, self.app.vault, SetClock(then))
        days_ago.import_file(file.read_bytes(), platform=PLATFORM, file_name=file.name)
        self.app.steering.watch_list.keep()


def _moment(day: date, hour: int) -> str:
    return datetime.combine(day, time(hour), PARIS).isoformat()


def rota_file(monday: date) -> str:
    """Two weeks from a Monday on: positions by shift, and the doctor by name."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";")
    writer.writerow(("date", "de", "à", "postes", "agent"))
    for day in (monday + timedelta(days=n) for n in range(ROTA_DAYS)):
        at_weekend = day.weekday() >= SATURDAY
        for starts, ends, usual, fewer in SHIFTS:
            writer.writerow((day.isoformat(), starts, ends, fewer if at_weekend else usual, ""))
        if not at_weekend:
            writer.writerow((day.isoformat(), *DOCTORS_HOURS, "", DOCTOR))
    return written.getvalue()
