"""The console's addresses: the login, then everything of a workspace under its slug."""

from allauth.account import views as login
from django.urls import URLPattern, URLResolver, include, path

from goodword.console import (
    api_keys,
    aside,
    backtests,
    claims,
    drafts,
    imports,
    links,
    migrations,
    programs,
    running,
    settings,
    simulations,
    statements,
    terms,
    views,
)

pages: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("w/<slug:slug>/", views.overview, name="overview"),
    path("w/<slug:slug>/programs/", programs.programs, name="programs"),
    path("w/<slug:slug>/programs/<str:key>/", programs.program, name="program"),
    path("w/<slug:slug>/programs/<str:key>/migrate/", migrations.migrate, name="migrate"),
    path("w/<slug:slug>/programs/<str:key>/try/", backtests.ask, name="backtest_new"),
    path("w/<slug:slug>/programs/<str:key>/<slug:verb>/", running.move, name="program_move"),
    path("w/<slug:slug>/backtests/", backtests.backtests, name="backtests"),
    path("w/<slug:slug>/backtests/<str:public_id>/", backtests.backtest, name="backtest"),
    path("w/<slug:slug>/backtests/<str:public_id>/decisions/", backtests.decisions, name="backtest_decisions"),
    path("w/<slug:slug>/backtests/<str:public_id>/cancel/", backtests.cancel, name="backtest_cancel"),
    path("w/<slug:slug>/backtests/<str:public_id>/<str:table>.csv", backtests.export, name="backtest_csv"),
    path("w/<slug:slug>/simulations/", simulations.simulations, name="simulations"),
    path("w/<slug:slug>/simulations/new/", simulations.ask, name="simulation_new"),
    path("w/<slug:slug>/simulations/<str:public_id>/", simulations.simulation, name="simulation"),
    path("w/<slug:slug>/simulations/<str:public_id>/cancel/", simulations.cancel, name="simulation_cancel"),
    path("w/<slug:slug>/simulations/<str:public_id>/figures.csv", simulations.export, name="simulation_csv"),
    path("w/<slug:slug>/imports/", imports.imports, name="imports"),
    path("w/<slug:slug>/imports/<str:public_id>/", imports.import_, name="import"),
    path("w/<slug:slug>/imports/<str:public_id>/report.csv", imports.export, name="import_csv"),
    path("w/<slug:slug>/imports/<str:public_id>/<slug:verb>/", imports.step, name="import_step"),
    path("w/<slug:slug>/claims/", claims.claims, name="claims"),
    path("w/<slug:slug>/claims/<str:public_id>/<slug:verb>/", claims.decide, name="claim_step"),
    path("w/<slug:slug>/aside/", aside.aside, name="aside"),
    path("w/<slug:slug>/aside/retry/", aside.retry, name="aside_retry"),
    path("w/<slug:slug>/statements/", statements.statements, name="statements"),
    path("w/<slug:slug>/statements/<str:public_id>/", statements.statement, name="statement"),
    path("w/<slug:slug>/drafts/", drafts.drafts, name="drafts"),
    path("w/<slug:slug>/drafts/new/", drafts.write, name="draft_new"),
    path("w/<slug:slug>/drafts/save/", drafts.save, name="draft_save"),
    path("w/<slug:slug>/drafts/<str:public_id>/", drafts.draft, name="draft"),
    path("w/<slug:slug>/drafts/<str:public_id>/<slug:verb>/", drafts.step, name="draft_step"),
    path("w/<slug:slug>/settings/", settings.settings, name="settings"),
    path("w/<slug:slug>/keys/", api_keys.api_keys, name="api_keys"),
    path("w/<slug:slug>/keys/<str:public_id>/<slug:verb>/", api_keys.api_key_step, name="api_key_step"),
    path("w/<slug:slug>/participants/", views.participants, name="participants"),
    path("w/<slug:slug>/participants/<str:public_id>/", views.participant, name="participant"),
    path("w/<slug:slug>/participants/<str:public_id>/links/", links.links, name="links"),
    path(
        "w/<slug:slug>/participants/<str:public_id>/links/<str:link_id>/qr.<slug:kind>", links.link_qr, name="link_qr"
    ),
    path(
        "w/<slug:slug>/participants/<str:public_id>/links/<str:link_id>/<slug:verb>/",
        links.link_step,
        name="link_step",
    ),
    path("w/<slug:slug>/participants/<str:public_id>/terms/", terms.accept, name="accept_terms"),
]

# allauth's addresses, but only those whose pages we show: nobody signs up, and Goodword has no
# outgoing mail for forgotten passwords (the operator sets a new one).
urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/login/", login.login, name="account_login"),
    path("accounts/logout/", login.logout, name="account_logout"),
    path("accounts/inactive/", login.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", login.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/", login.password_change, name="account_change_password"),
    path("", include((pages, "console"))),
]
