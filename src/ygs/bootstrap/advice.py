"""The advisor that the settings name, and the rules of its advice and its drafts."""

from ygs.adapters.advisors.not_configured import NoAdvisor
from ygs.adapters.advisors.recorded import RecordedAdvisor
from ygs.application.accounts.expired_rows import ADVICE_KEPT_FOR
from ygs.application.advisor.rules import AdviceRules, DraftRules
from ygs.bootstrap.extras import requires
from ygs.domain.advice import AdviceBudget, Disclosure, Prices
from ygs.domain.errors import N_, Misconfigured
from ygs.ports.match_advisor import MatchAdvisor
from ygs.settings import AdvisorKind, Settings


def match_advisor(settings: Settings) -> MatchAdvisor:
    """The language model, or the lack of one."""
    if settings.advisor is AdvisorKind.NONE:
        return NoAdvisor()
    if settings.advisor is AdvisorKind.RECORDED:
        if settings.advisor_recording is None:
            raise Misconfigured(N_("YGS_ADVISOR is recorded: name the file in YGS_ADVISOR_RECORDING"))
        return RecordedAdvisor(settings.advisor_recording, settings.advisor_model or "recorded")
    key = settings.advisor_key.get_secret_value()
    if not (key and settings.advisor_model):
        raise Misconfigured(N_("YGS_ADVISOR is gemini: set YGS_ADVISOR_KEY and YGS_ADVISOR_MODEL"))
    with requires("gemini"):
        from ygs.adapters.advisors.gemini import GEMINI_URL, GeminiAdvisor

    return GeminiAdvisor(
        key,
        settings.advisor_model,
        url=settings.advisor_url or GEMINI_URL,
        seconds=settings.advisor_call_seconds,
        at_once=settings.advisor_calls_at_once,
    )


def advice_rules(settings: Settings) -> AdviceRules:
    """Bounds, budget and what members were told."""
    return AdviceRules(
        disclosure=_disclosure(settings),
        budget=AdviceBudget(
            calls=settings.advisor_most_calls,
            tokens=settings.advisor_most_tokens,
            seconds=settings.advisor_most_seconds,
            cost=settings.advisor_most_cost,
        ),
        prices=_prices(settings),
        most_share=settings.advisor_share,
        candidates=settings.advisor_candidates,
        pairs_per_call=settings.advisor_pairs_per_call,
        at_once=settings.advisor_calls_at_once,
        language=settings.language,
    )


def draft_rules(settings: Settings) -> DraftRules:
    """Which drafts are on, and the budget of a day."""
    return DraftRules(
        kinds=settings.advisor_drafts,
        disclosure=_disclosure(settings),
        prices=_prices(settings),
        calls=settings.advisor_draft_calls,
        cost=settings.advisor_draft_cost,
        language=settings.language,
    )


def _disclosure(settings: Settings) -> Disclosure:
    return Disclosure(
        versions=settings.advisor_consent_versions,
        recipient=settings.advisor_recipient,
        country=settings.advisor_country,
        items=settings.advisor_items,
        retention_days=ADVICE_KEPT_FOR.days,
    )


def _prices(settings: Settings) -> Prices:
    return Prices(
        input=settings.advisor_input_price,
        output=settings.advisor_output_price,
        currency=settings.advisor_currency,
    )
