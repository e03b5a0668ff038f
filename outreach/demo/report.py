"""What the demo shows while it runs and says at its end; its checks decide the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.table import Table

from outreach.bootstrap import App
from outreach.demo.campaign import DemoCampaign
from outreach.demo.case_system import Received
from outreach.demo.setting import PLATFORM
from outreach.demo.witness import Witness
from outreach.domain.service_level import ServiceLevel
from outreach.storage import account_store
from outreach.storage.account_store import Account


@dataclass(frozen=True)
class Check:
    """Something that must hold; `told` gives the numbers."""

    name: str
    holds: bool
    told: str


@dataclass(frozen=True)
class Look:
    """One look at the day; `restarts`: processes that had to be started again."""

    account: Account
    moment: str
    mode: str
    restarts: int

    def figures(self) -> dict[str, int]:
        people = self.account.people
        return {
            "people": self.account.case_records,
            "waiting": people.get("WAITING", 0),
            "ready": people.get("READY", 0),
            "in hand": people.get("LEASED", 0),
            "texted": people.get("TEXTED", 0),
            "closed": people.get("CLOSED", 0),
            "calls": sum(self.account.outcomes.values()),
            "told by SMS": self.account.told_by_sms,
        }


def live_table(look: Look) -> Table:
    """For a terminal."""
    title = f"{look.moment}   mode {look.mode}   processes started again: {look.restarts}"
    table = Table(title=title, title_justify="left")
    for name in look.figures():
        table.add_column(name, justify="right")
    table.add_row(*map(str, look.figures().values()))
    return table


def live_line(look: Look) -> str:
    """For a log."""
    figures = ", ".join(f"{name} {value}" for name, value in look.figures().items())
    return f"{look.moment}  {look.mode}: {figures}, processes started again {look.restarts}"


def checks(
    app: App, imported: int, named: int, account: Account, received: Received, witness: Witness
) -> list[Check]:
    """What a day must leave behind, whatever was killed meanwhile."""
    standing = sum(account.people.values())
    outbox = app.write_back.figures(platform=PLATFORM)
    return [
        Check(
            "nobody is lost",
            account.lost == 0 and standing == account.case_records == imported + named,
            f"{imported} imported + {named} named in interviews = {standing} in the sum of states",
        ),
        Check(
            "nobody was texted twice", witness.twice == 0, f"{witness.texts} texts on {witness.phones} phones"
        ),
        Check("no call is left open", account.open_attempts == 0, f"{account.open_attempts} open"),
        Check(
            "every outcome was written back",
            outbox.dead == 0 and outbox.waiting + outbox.delivered == len(received.keys),
            f"{outbox.waiting + outbox.delivered} to tell, {len(received.keys)} received",
        ),
        Check(
            "every positive not reached is still on the list",
            _positives_kept(app),
            "a positive leaves by a final outcome only",
        ),
    ]


def campaign_check(shown: dict[str, Any]) -> Check:
    """Everybody of the campaign has one message, or is left out with a reason."""
    figures = shown["figures"]
    members, written = figures["members"], figures["written_to"]
    return Check(
        "the campaign wrote to each of its people once",
        figures["pending"] == 0 and written == members,
        f"{written} texts for {members} people, {sum(figures['left_out'].values())} left out",
    )


def campaign_table(campaign: DemoCampaign, shown: dict[str, Any]) -> Table:
    """What was confirmed, what became of it, and what people answered."""
    figures = shown["figures"]
    table = Table(title=f"Campaign: {shown['name']}", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_row("people confirmed", str(shown["confirmed_count"]))
    table.add_row("cost, as previewed", f"{campaign.cost} €")
    for name in ("written_to", "delivered", "read", "on_the_way", "not_arrived", "segments"):
        table.add_row(name.replace("_", " "), str(figures[name]))
    for because, count in figures["left_out"].items():
        table.add_row(f"left out: {figures['left_out_words'][because]}", str(count))
    for meaning, count in figures["replies"].items():
        table.add_row(f"replies: {meaning}", str(count))
    table.add_row("pages read, calls asked for there", f"{campaign.opened}, {campaign.asked}")
    table.add_row("in one sentence", shown["sentences"]["fr"])
    return table


def _positives_kept(app: App) -> bool:
    """No positive is closed without a final outcome."""
    with app.database.begin() as connection:
        return account_store.positives_dropped(connection, PLATFORM) == 0


def final_report(
    account: Account, figures: ServiceLevel, received: Received, checked: Sequence[Check]
) -> Group:
    """The end of the day."""
    return Group(
        _figures(account, figures, received), _outcomes(account), _messages(account), _checks(checked)
    )


def _figures(account: Account, figures: ServiceLevel, received: Received) -> Table:
    table = Table(title="The day in figures", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in figures.for_people():
        table.add_row(name, value)
    table.add_row("contacts told by call", str(account.told_by_call))
    table.add_row("contacts told by SMS", str(account.told_by_sms))
    table.add_row("write-backs received by the case system", str(len(received.keys)))
    return table


def _outcomes(account: Account) -> Table:
    table = Table("outcome of calls", "calls", title_justify="left")
    for outcome, count in account.outcomes.items():
        table.add_row(outcome, str(count))
    return table


def _messages(account: Account) -> Table:
    table = Table("SMS for", "status", "messages", title_justify="left")
    for (purpose, status), count in account.messages.items():
        table.add_row(purpose, status, str(count))
    return table


def _checks(checked: Sequence[Check]) -> Table:
    table = Table("check", "holds", "numbers", title_justify="left")
    for check in checked:
        table.add_row(
            check.name, "yes" if check.holds else "NO", check.told, style="" if check.holds else "bold red"
        )
    return table
