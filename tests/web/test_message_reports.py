"""Receipts come in floods: saved in groups, answered when they are saved, never lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from outreach.bootstrap import App
from outreach.ids import new_id
from outreach.services.callback_urls import Webhook
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.web.app import create_web_app
from outreach.web.group_commit import GroupCommit
from tests.web.conftest import Carrier

NOWHERE = "postgresql://nobody@/none?host=/nowhere"


def _sent(number: int) -> dict[str, str]:
    return {"MessageSid": f"SM{number:032}", "MessageStatus": "sent"}


def _kept(app: App) -> int:
    with app.database.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.provider_events)).scalar_one())


def test_what_waits_while_a_group_is_saved_makes_the_next_group() -> None:
    begun, go_on = threading.Event(), threading.Event()
    groups: list[list[int]] = []

    def save(group: Sequence[int]) -> bool:
        groups.append(list(group))
        begun.set()
        return go_on.wait(10)

    async def main() -> list[bool]:
        group = GroupCommit(save, most=3)
        first = asyncio.create_task(group.saved(0))
        await asyncio.to_thread(begun.wait, 10)
        others = [asyncio.create_task(group.saved(number)) for number in range(1, 6)]
        await asyncio.sleep(0)
        go_on.set()
        return [await first, *(await asyncio.gather(*others))]

    assert asyncio.run(main()) == [True] * 6
    assert groups == [[0], [1, 2, 3], [4, 5]]


def test_a_group_that_could_not_be_saved_is_told_so_and_the_next_one_has_its_chance() -> None:
    def save(numbers: Sequence[int]) -> bool:
        return numbers[0] != 13 and 1 / (numbers[0] - 14) < 0  # 14 is a fault of ours

    async def main() -> list[bool]:
        group = GroupCommit[int](save, most=1)
        return list(await asyncio.gather(*(group.saved(number) for number in (12, 13, 14, 11))))

    assert asyncio.run(main()) == [True, False, False, True]


def test_reports_that_come_at_once_are_all_kept(app: App, carrier: Carrier) -> None:
    def post(number: int) -> int:
        path = app.callback_urls.path(Webhook.MESSAGE_STATUS, new_id())
        return int(carrier.post(path, _sent(number)).status_code)

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(post, range(64))) == {204}
    assert _kept(app) == 64


def test_a_report_whose_group_could_not_be_saved_is_saved_alone(app: App) -> None:
    broken = replace(app.report_batches, database=Database(NOWHERE))
    with TestClient(create_web_app(replace(app, report_batches=broken))) as web:
        path = app.callback_urls.path(Webhook.MESSAGE_STATUS, new_id())
        assert Carrier(web).post(path, _sent(1)).status_code == 204
    assert _kept(app) == 1


def test_without_the_database_the_phone_company_is_asked_to_come_again(app: App) -> None:
    away = Database(NOWHERE)
    broken = replace(
        app,
        report_batches=replace(app.report_batches, database=away),
        provider_events=replace(app.provider_events, database=away),
    )
    with TestClient(create_web_app(broken)) as web:
        path = app.callback_urls.path(Webhook.MESSAGE_STATUS, new_id())
        assert Carrier(web).post(path, _sent(1)).status_code == 503


def test_a_report_without_the_number_of_its_message_is_refused(app: App, carrier: Carrier) -> None:
    path = app.callback_urls.path(Webhook.MESSAGE_STATUS, new_id())
    assert carrier.post(path, {"MessageStatus": "sent"}).status_code == 400
    assert _kept(app) == 0
