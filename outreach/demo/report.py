"""What the demo shows while it runs and says at its end; its checks decide the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group
from rich.table import Table

from outreach.bootstrap import App
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


def live_table(account: Account, *, moment: str, mode: str, restarts: int) -> Table:
    """One look at the day."""
    table = Table(title=f"{moment}   mode {mode}   processes started again: {restarts}", title_justify="left")
    for header in ("people", "waiting", "ready", "in hand", "texted", "closed", "calls", "told by SMS"):
        table.add_column(header, justify="right")
    states = account.people
    table.add_row(
        str(account.case_records),
        *(str(states.get(name, 0)) for name in ("WAITING", "READY", "LEASED", "TEXTED", "CLOSED")),
        str(sum(account.outcomes.values())),
        str(account.told_by_sms),
    )
    return table


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
            outbox.waiting == 0 and outbox.dead == 0 and outbox.delivered == len(received.keys),
            f"{outbox.delivered} delivered, {len(received.keys)} received",
        ),
        Check(
            "every positive not reached is still on the list",
            _positives_kept(app),
            "a positive leaves by a final outcome only",
        ),
    ]


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
    for name, value in figures.rows():
        table.add_row(name, str(value))
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
