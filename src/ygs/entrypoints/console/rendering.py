"""Rendering of pages: templates, words in the reader's language, and headers that keep foreign scripts out."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from secrets import token_urlsafe
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from ygs.application.actors import Actor
from ygs.application.explanations.views import TermView
from ygs.application.labels import LABELS, label
from ygs.application.messages.translate import explain_error, headline, term, translate
from ygs.domain.errors import N_, SignInTooOld, YgsError
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.service_dates import date_at
from ygs.entrypoints.console.audit_words import about_words
from ygs.entrypoints.console.charts import bar, columns, funnel, heat_map, reliability_chart, two_sided
from ygs.entrypoints.console.cookies import LANGUAGE_COOKIE, root
from ygs.entrypoints.console.outcomes import forget_outcome, outcome_of
from ygs.entrypoints.console.pair_bars import term_name
from ygs.entrypoints.console.pool_map import PoolMap
from ygs.entrypoints.console.spoken import (
    ago_words,
    born_words,
    clock_words,
    dated_words,
    day_words,
    moment_words,
    phone_words,
    time_words,
    week_words,
)
from ygs.entrypoints.http.problems import ADVICE, REFUSED, preferred_language

# Topics in which each thing has a page, whose address ends with its id.
_OF_ONE = {"members", "consultations", "weeks", "memberships", "reports", "exports", "imports", "jobs"}

STATIC = files("ygs.entrypoints.console").joinpath("static")


def language_of(request: Request) -> Language:
    """The language that was chosen on a page, or else the browser's, or else the service's own."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in {*Language}:
        return Language(chosen)
    return preferred_language(request.headers.get("accept-language", ""), request.app.state.language)


def is_partial(request: Request) -> bool:
    """Whether htmx asks, for a part of a page."""
    return "hx-request" in request.headers


def render(request: Request, template: str, *, status: int = 200, block: str = "", **fields: Any) -> Response:
    """Answer with a page, or with one `block` of its template, which htmx puts in the place of an older one."""
    nonce = token_urlsafe(16)
    context = {**_everywhere(request, nonce), **fields}
    found = _environment().get_template(template)
    text = "".join(found.blocks[block](found.new_context(context))) if block else found.render(context)
    headers = {
        "Content-Security-Policy": _policy(nonce),
        "Content-Language": context["language"].value,
        "Vary": "Cookie, Accept-Language, HX-Request",
    }
    response = Response(text, status, headers, "text/html; charset=utf-8")
    if context["outcome"] and not block:
        forget_outcome(request, response)
    return response


def refuse(request: Request, status: int, error: YgsError | None = None) -> Response:
    """Say what went wrong and what to do next: as a page, or beside the form that htmx sent, which keeps its text."""
    language = language_of(request)
    title, detail = _words(status, error, language)
    partial = is_partial(request)
    answer = render(
        request,
        "error.html",
        status=status,
        block="alert" if partial else "",
        title=title,
        detail=detail,
        partial=partial,
        stale=status == 409,
        back=_page_of(request) if isinstance(error, SignInTooOld) else "",
        of_one=_page_of_one(request) if request.method == "POST" else "",
    )
    if partial:
        answer.headers["HX-Retarget"] = "#alert"
        answer.headers["HX-Reswap"] = "outerHTML"
    return answer


def _page_of(request: Request) -> str:
    """The page on which a form stands, to come back to after signing in again: of one thing, or of a whole topic."""
    return _page_of_one(request) or "/".join(_below(request)[:2])


def _page_of_one(request: Request) -> str:
    """The page of the one thing that a form is about; none where it has no page of its own."""
    below = _below(request)
    return "/".join(below[:3]) if len(below) > 2 and below[1] in _OF_ONE and "_" in below[2] else ""


def _below(request: Request) -> list[str]:
    return request.url.path.removeprefix(root(request)).split("/")


def _words(status: int, error: YgsError | None, language: Language) -> tuple[str, str]:
    if error is not None and status != 500:
        return headline(error, language), explain_error(error, language)
    if status == 422:
        return translate(REFUSED[422][1], language), translate(
            N_("Check what you entered, and send it again."), language
        )
    _, title = REFUSED.get(status, REFUSED[500])
    return translate(title, language), translate(ADVICE.get(status, ADVICE[500]), language)


def _everywhere(request: Request, nonce: str) -> dict[str, Any]:
    visit = getattr(request.state, "visit", None)
    return {
        "language": language_of(request),
        "now": request.app.state.application.clock.now(),
        "zone": request.app.state.application.settings.time_zone,
        "root": root(request),
        "here": request.url.path,
        "reading": request.method == "GET",
        "nonce": nonce,
        "outcome": outcome_of(request),
        "actor": visit.actor if visit else None,
        "csrf": visit.csrf if visit else "",
    }


def _policy(nonce: str) -> str:
    """Nothing but our own files; scripts by nonce, and no text may become markup but through htmx, which checks it."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            "style-src 'self'",
            "img-src 'self' data: https:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types htmx",
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ygs.entrypoints.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(say=_say, explain=_explain, headline=_headline, name_of=_name_of)
    environment.globals.update(attribute=_attribute, term_name=_term_name, static=_static, may=_may)
    environment.filters.update(
        number=_number,
        people=_people,
        criterion=_criterion,
        pairs=_pairs,
        times=_times,
        score=_score,
        percent=_percent,
        share=_share,
        meter=_meter,
        about=_about,
        columns=columns,
        funnel=funnel,
        heat_map=_heat_map,
        two_sided=two_sided,
        reliability_chart=reliability_chart,
    )
    environment.filters.update(clock=_clock, time_of_day=_time_of_day, date=_date, dated=_dated)
    environment.filters.update(moment=_moment, day=_day, ago=_ago, days_of=_days_of, born=_born, phone=phone_words)
    return environment


@pass_context
def _say(context: Context, template: str, **fields: object) -> str:
    """A message of the catalogue, in the reader's language."""
    return translate(template, context["language"], **fields)


@pass_context
def _headline(context: Context, error: YgsError) -> str:
    """What kind of error it is."""
    return headline(error, context["language"])


@pass_context
def _explain(context: Context, error: YgsError) -> str:
    """What an error says is wrong, and what to do next."""
    return explain_error(error, context["language"]) or headline(error, context["language"])


@pass_context
def _name_of(context: Context, kind: str, code: str | None) -> str:
    """What a code is called: of a state, a reason, or a value of the vocabulary."""
    language = context["language"]
    if code is None:
        return translate(N_("unknown"), language)
    if kind in VOCABULARY:
        return VOCABULARY[kind].label(code, language)
    # A kind of job that another service registered has no name here.
    return label(kind, code, language) if code in LABELS[kind] else code


@pass_context
def _attribute(context: Context, name: str) -> str:
    """What an attribute is called."""
    return term(name, context["language"]) if context["language"] is Language.KO else VOCABULARY[name].en


@pass_context
def _about(context: Context, what: str) -> str:
    """What an entry of the audit log is about."""
    return about_words(what, context["language"])


@pass_context
def _term_name(context: Context, term: TermView) -> str:
    """What a term of a pair is about."""
    return term_name(term, context["language"])


def _may(actor: Actor | None, permission: str) -> bool:
    """Whether to offer what needs a permission; the use case decides in any case."""
    return actor is not None and permission in actor.permissions


@pass_context
def _moment(context: Context, at: datetime | None) -> str:
    """A moment by the service's clock; nothing for none."""
    return moment_words(at, context["now"], context["zone"], context["language"]) if at else ""


@pass_context
def _day(context: Context, at: datetime | date | None) -> str:
    """A date by the service's clock; nothing for none."""
    return day_words(_date(context, at), _today(context), context["language"]) if at else ""


@pass_context
def _dated(context: Context, day: date) -> str:
    """A date with its day of the week."""
    return dated_words(day, _today(context), context["language"])


@pass_context
def _clock(context: Context, at: datetime) -> str:
    """The time of a moment by the service's clock."""
    return clock_words(at, context["zone"])


@pass_context
def _time_of_day(context: Context, at: datetime) -> str:
    """The time of a moment by the service's clock, as it is said after a day."""
    return time_words(at, context["zone"], context["language"])


@pass_context
def _ago(context: Context, at: datetime | None) -> str:
    """How long ago a moment was, in days; nothing for none."""
    return ago_words(_date(context, at), _today(context), context["language"]) if at else ""


@pass_context
def _days_of(context: Context, week: str) -> str:
    """The days of a week such as 2026-W48."""
    return week_words(week, _today(context), context["language"])


@pass_context
def _born(context: Context, birth_year: int | None) -> str:
    """A year of birth, with the age."""
    return born_words(birth_year, _today(context), context["language"])


def _today(context: Context) -> date:
    return date_at(context["now"], context["zone"])


@pass_context
def _date(context: Context, at: datetime | date) -> date:
    """The date of a moment by the service's clock."""
    return date_at(at, context["zone"]) if isinstance(at, datetime) else at


def _number(value: float | None) -> str:
    """A number with separators; a dash for one that is withheld or not known."""
    return "-" if value is None else f"{value:,}"


@pass_context
def _criterion(context: Context, name: str) -> str:
    """What a filter of the directory is called."""
    return _attribute(context, name) if name in VOCABULARY else term(name, context["language"]).replace("_", " ")


@pass_context
def _people(context: Context, count: int) -> str:
    """How many people."""
    return _say(context, N_("1 person")) if count == 1 else _say(context, N_("{count} people"), count=_number(count))


@pass_context
def _pairs(context: Context, count: int) -> str:
    """How many pairs."""
    return _say(context, N_("1 pair")) if count == 1 else _say(context, N_("{count} pairs"), count=_number(count))


@pass_context
def _times(context: Context, count: int) -> str:
    """How many times."""
    return _say(context, N_("once")) if count == 1 else _say(context, N_("{count} times"), count=_number(count))


def _percent(basis_points: int | None) -> str:
    """Basis points as whole percent."""
    return "-" if basis_points is None else f"{round(basis_points / 100)}%"


def _score(basis_points: int) -> str:
    """A sum of scores in basis points, where 1 is a pair that suits both wholly."""
    return f"{basis_points / 10_000:,.2f}"


def _share(value: float) -> str:
    """A share of 1 as percent, with the digits that a small one needs."""
    return f"{value:.3%}"


def _meter(basis_points: int) -> Markup:
    """Basis points as a horizontal bar with its figure, which no line break separates."""
    return Markup('<span class="meter">{}{}</span>').format(bar(basis_points / 10_000), _percent(basis_points))


def _heat_map(map: PoolMap, title: str) -> Markup:
    """The picture of a map of supply and demand."""
    return heat_map(map.ages, map.picture, title)


@pass_context
def _static(context: Context, name: str) -> str:
    """The address of a file of the console, which changes with its content, so that browsers may keep it for good."""
    return f"{context['root']}/static/{static_files()[name].digest}/{name}"


class StaticFile:
    """A file of the console. `digest`: of its content, a part of its address."""

    def __init__(self, content: bytes, media_type: str) -> None:
        self.content = content
        self.media_type = media_type
        self.digest = sha256(content).hexdigest()[:16]


@cache
def static_files() -> Mapping[str, StaticFile]:
    """The files that pages load, by name."""
    types = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
    return {
        each.name: StaticFile(each.read_bytes(), types[each.name.rpartition(".")[2]])
        for each in STATIC.iterdir()
        if each.name.rpartition(".")[2] in types
    }
