"""The web application: routes, errors as problems, and what stands around every request."""

from __future__ import annotations

from fastapi import FastAPI

from outreach.bootstrap import App
from outreach.queues.live_feed import LiveFeed
from outreach.web import (
    accesses_routes,
    administration_routes,
    alarms_routes,
    board_routes,
    call_list_routes,
    calls_routes,
    campaigns_routes,
    cases_routes,
    desk_routes,
    docs_page,
    figures_routes,
    forecast_routes,
    import_drafts_routes,
    imports_routes,
    inbox_routes,
    interviews_routes,
    list_files_routes,
    live,
    mode_rules_routes,
    modes_routes,
    moves_routes,
    mutual_aid_routes,
    notices_routes,
    personal_routes,
    problems,
    records_routes,
    retention_routes,
    rota_routes,
    script_news_routes,
    scripts_routes,
    senders_routes,
    sign_in_routes,
    softphone_routes,
    steering_routes,
    supervision_routes,
    system_routes,
    territory_routes,
    training_routes,
    users_routes,
    watch_routes,
)
from outreach.web.limits import ApiLimits
from outreach.web.message_reports import MessageReports
from outreach.web.middleware import Requests
from outreach.web.pages import (
    account_pages,
    admin_pages,
    admin_platform_pages,
    admin_retention_pages,
    admin_system_pages,
    admin_territory_pages,
    aid_pages,
    alarm_pages,
    audit_pages,
    board_entries_pages,
    board_pages,
    campaign_pages,
    campaign_step_pages,
    desk_calls,
    desk_contacts,
    desk_pages,
    desk_words_pages,
    drawing,
    duration_pages,
    figure_pages,
    frame,
    glass_pages,
    home_pages,
    import_pages,
    inbox_pages,
    list_files_pages,
    mode_auto_pages,
    mode_pages,
    mode_rules_pages,
    notice_publishing_pages,
    notices_pages,
    record_edit_pages,
    record_pages,
    record_restriction_pages,
    report_pages,
    rota_pages,
    script_editor_pages,
    script_pages,
    search_pages,
    sign_in_pages,
    softphone_pages,
    static_files,
    training_pages,
    wall_pages,
    watch_pages,
    welcome_pages,
)
from outreach.web.pages.access import RecentAskers
from outreach.web.pages.shared_drawings import SharedDrawings
from outreach.web.webhooks import Webhooks

# In the order in which they are tried: first what open pages and agents ask most often.
ROUTERS = (
    calls_routes.router,
    live.router,
    desk_pages.router,
    board_pages.router,
    system_routes.router,
    docs_page.router,
    softphone_routes.router,
    desk_routes.router,
    interviews_routes.router,
    records_routes.router,
    cases_routes.router,
    accesses_routes.router,
    campaigns_routes.router,
    import_drafts_routes.router,
    imports_routes.router,
    senders_routes.router,
    list_files_routes.router,
    steering_routes.router,
    call_list_routes.router,
    supervision_routes.router,
    rota_routes.router,
    mutual_aid_routes.router,
    notices_routes.router,
    watch_routes.router,
    moves_routes.router,
    modes_routes.router,
    mode_rules_routes.router,
    forecast_routes.router,
    territory_routes.router,
    inbox_routes.router,
    personal_routes.router,
    script_news_routes.router,
    scripts_routes.router,
    figures_routes.router,
    alarms_routes.router,
    board_routes.router,
    training_routes.router,
    users_routes.router,
    sign_in_routes.router,
    administration_routes.router,
    retention_routes.router,
    static_files.router,
    glass_pages.router,
    home_pages.router,
    training_pages.router,
    softphone_pages.router,
    notices_pages.router,
    inbox_pages.router,
    campaign_step_pages.router,
    campaign_pages.router,
    report_pages.router,
    figure_pages.router,
    duration_pages.router,
    script_pages.router,
    script_editor_pages.router,
    wall_pages.router,
    wall_pages.screens,
    list_files_pages.router,
    board_entries_pages.router,
    alarm_pages.router,
    audit_pages.router,
    import_pages.router,
    search_pages.router,
    record_edit_pages.router,
    record_pages.router,
    record_restriction_pages.router,
    mode_pages.router,
    mode_auto_pages.router,
    mode_rules_pages.router,
    rota_pages.router,
    aid_pages.router,
    watch_pages.router,
    notice_publishing_pages.router,
    desk_calls.router,
    desk_words_pages.router,
    desk_contacts.router,
    sign_in_pages.router,
    welcome_pages.router,
    account_pages.router,
    admin_pages.router,
    admin_platform_pages.router,
    admin_territory_pages.router,
    admin_retention_pages.router,
    admin_system_pages.router,
)


def create_web_app(app: App) -> FastAPI:
    """Everything over HTTP: /api/v1, /webhooks/twilio, /healthz, /readyz, /metrics, /docs."""
    web = FastAPI(
        title="Outreach",
        description="Calls and texts people within a deadline. Bearer tokens; errors as problem+json.",
        docs_url=None,
        redoc_url=None,
    )
    web.state.outreach = app
    web.state.limits = ApiLimits(app)
    web.state.live_feed = LiveFeed(app.settings.redis_url)
    web.state.drawings = SharedDrawings()
    web.state.recent_askers = RecentAskers()
    problems.install(web)
    frame.install(web)
    web.mount("/webhooks/twilio", Webhooks(app))  # first: the hottest, before five hundred routes
    for router in ROUTERS:
        # As they are: included, FastAPI would make each of five hundred routes anew at the first request.
        web.router.routes.extend(router.routes)
    secure = app.settings.public_url.startswith("https://")
    web.add_middleware(Requests, secure=secure, failed=drawing.draw_failure)
    web.add_middleware(MessageReports, outreach=app)  # outermost: whoever is added last
    return web
