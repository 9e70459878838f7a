"""The `ygs` command's tree. Each conversation has its module; a module imports what it needs when a command runs."""

import typer

from ygs.entrypoints.cli import admin, reports, weeks
from ygs.entrypoints.cli import explain as reading
from ygs.entrypoints.cli import import_export as data
from ygs.entrypoints.cli import maintenance as upkeep
from ygs.entrypoints.cli import serve as serving
from ygs.entrypoints.cli import simulate as looking

app = typer.Typer(
    name="ygs",
    help="The backend of an introduction service: members, weekly match rounds, blind answers.",
    epilog="Settings come from YGS_… variables or .env. "
    "Exit codes: 0 done, 1 refused, 2 usage, 3 busy: try again, 4 something was found.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
app.add_typer(weeks.app, name="week", help="The match week: create, lock, plan, override, publish, close.")
app.add_typer(data.db, name="db", help="The database.")
app.add_typer(admin.app, name="admin", help="Administrators.")
app.add_typer(reports.app, name="reports", help="Reports of a member by a member.")
app.add_typer(upkeep.settings, name="settings", help="The settings.")
app.add_typer(upkeep.keys, name="keys", help="The keys that seal fields.")
app.command()(upkeep.purge)
app.command("import")(data.import_)
app.command()(data.export)
app.command()(reading.explain)
app.command("why-not")(reading.why_not)
app.command()(reading.questions)
app.command()(reading.candidates)
app.command()(reading.compare)
app.command()(looking.simulate)
app.command()(looking.backtest)
app.command()(reading.check)
app.command()(reading.vocabulary)
app.command()(serving.serve)
app.command()(serving.demo)
