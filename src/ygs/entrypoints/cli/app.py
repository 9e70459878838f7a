"""The command tree of `ygs`. A module imports heavy packages only when one of its commands runs."""

import typer

from ygs.entrypoints.cli import (
    admin,
    advise,
    audit,
    backup,
    breach,
    consultations,
    dashboard,
    deliveries,
    demo,
    drafts,
    explain,
    exports,
    forecast,
    import_export,
    imports,
    introduce,
    jobs,
    learn,
    maintenance,
    members,
    memberships,
    policy,
    refunds,
    reports,
    serve,
    simulate,
    verify,
    webhooks,
    weeks,
)

app = typer.Typer(
    name="ygs",
    help="The backend of an introduction service: members, weekly match rounds, blind answers.",
    epilog="Settings come from YGS_… variables or .env. "
    "Exit codes: 0 done, 1 refused, 2 usage or a wrong setting, 3 busy: try again, 4 something was found.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
app.add_typer(weeks.app, name="week", help="The match week: create, lock, plan, override, publish, close.")
app.add_typer(advise.app, name="advise", help="Advice of a language model about a locked week; off by default.")
app.add_typer(drafts.app, name="draft", help="Drafts of a language model for staff; off by default.")
app.add_typer(policy.app, name="policy", help="The club's policy: show, set, history.")
app.add_typer(learn.app, name="learn", help="What is learned from answers: fit, judge, use, and switch off.")
app.add_typer(import_export.db, name="db", help="The database.")
app.add_typer(admin.app, name="admin", help="Administrators.")
app.add_typer(reports.app, name="reports", help="Reports of a member by a member.")
app.add_typer(members.app, name="members", help="Members: find them, and review those who wait.")
app.add_typer(consultations.app, name="consultations", help="Consultations: the calendar, bookings, and hours.")
app.add_typer(memberships.app, name="memberships", help="Memberships: contracts, who is due, and refunds.")
app.add_typer(deliveries.app, name="deliveries", help="Messages that nobody took.")
app.add_typer(webhooks.app, name="webhooks", help="Other systems that are told of events.")
app.add_typer(audit.app, name="audit", help="Who read whose data, and how much accounts may read.")
app.add_typer(imports.app, name="imports", help="Imports of members so far, and their undo.")
app.add_typer(exports.app, name="exports", help="Sheets of people's data that accounts of staff requested.")
app.add_typer(jobs.app, name="jobs", help="Work in the background: what runs, and what failed.")
app.add_typer(maintenance.settings, name="settings", help="The settings.")
app.add_typer(maintenance.keys, name="keys", help="The keys that seal fields.")
app.command()(dashboard.status)
app.command()(refunds.refund)
app.command()(maintenance.purge)
app.command()(backup.backup)
app.command()(backup.restore)
app.command("import")(import_export.import_)
app.command()(import_export.export)
app.command()(explain.explain)
app.command("why-not")(explain.why_not)
app.command()(explain.questions)
app.command()(explain.candidates)
app.command()(introduce.introduce)
app.command()(forecast.forecast)
app.command()(explain.compare)
app.command()(simulate.simulate)
app.command()(simulate.backtest)
app.command()(breach.breach)
app.command()(explain.check)
app.command()(explain.vocabulary)
app.command()(verify.verify)
app.command()(serve.serve)
app.command()(jobs.worker)
app.command("warm-up")(serve.warm_up)
app.command()(demo.demo)
