"""What properties mean that mean the same in every schema; a model describes what is particular to it."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from ygs.entrypoints.http.openapi.property_texts import COUNT, RANGES, TEXTS, UNBOUNDED

DESCRIPTIONS: Mapping[str, str] = {
    # What things have in common.
    "id": "Its id; opaque.",
    "version": "Counts the saves, from 1; send it back in If-Match.",
    "created_at": "When it was made, UTC.",
    "updated_at": "When it last changed, UTC.",
    "decided_at": "When it was decided, UTC; null before.",
    "expires_at": "Until when it is good, UTC.",
    "items": "This page, in order.",
    "next": "The `after` of the next page; null on the last page.",
    "url": "A signed URL; good for a short time. Without a host it is the service's own.",
    "thumbnail_url": "A signed URL of the small picture; good for a short time.",
    "width": "In pixels.",
    "height": "In pixels.",
    "ko": "In Korean.",
    "en": "In English.",
    "attribute": "The code of an attribute of GET /vocabulary.",
    # People.
    "user_id": "The id of the member.",
    "birth_year": "Year of birth, four digits.",
    "gender": "Own gender.",
    "seeks": "The genders that may be introduced; at least one.",
    "status_reason": "Why staff set this status; empty where no reason was given.",
    "profile": "Facts by attribute; one that is not there is unknown.",
    "lifestyle": "Facts by attribute; one that is not there is unknown.",
    "phone_proven_at": "When a code proved the phone, UTC; null when none has.",
    "email_proven_at": "When a code proved the e-mail address, UTC; null when none has.",
    "district": "Where in the region; empty when not given.",
    "school": "Empty when not given.",
    "job_title": "Empty when not given.",
    "introduction": "In the member's own words; empty when not given.",
    "ideal_partner": "Whom the member hopes to meet; empty when not given.",
    "wishes": "What a partner should be like, by attribute.",
    "paused_until": "The date, in the service's time zone, at which a pause ends by itself; null when it does not.",
    "photos": "The photos that others may see, in order.",
    # Signing in.
    "access_token": "Send it as a bearer.",
    "token_type": "How to send the access token.",
    "expires_in": "How long the access token is good, in seconds.",
    "refresh_token": "Good once: POST /auth/refresh answers with the next.",
    "enrol_second_factor": "Whether an authenticator must be enrolled before anything else.",
    "one_time_token": "Stands for what was begun; send it back with what finishes it.",
    # Answers and feedback.
    "choice": "To accept or to decline.",
    "rating": "From 1, the worst, to 5.",
    "again": "Whether to meet again.",
    # Problems.
    "where": "The place in the request, such as body.facts.height_cm.",
    "rule": "Which rule is broken, for machines.",
    "title": "What kind of problem it is, for people.",
    "request_id": "Finds the request in the service's logs.",
    "faults": "Every field that is wrong.",
}


def describe(name: str, properties: Mapping[str, dict[str, Any]]) -> None:
    """Describe each property of the schema `name` that its model left without a description, and give whole numbers
    their range."""
    for property_, schema in properties.items():
        text = TEXTS.get(name, {}).get(property_) or DESCRIPTIONS.get(property_)
        if text:
            schema.setdefault("description", text)
        if f"{name}.{property_}" not in UNBOUNDED:
            _bound(schema, RANGES.get(f"{name}.{property_}") or RANGES.get(property_) or COUNT)


def _bound(schema: dict[str, Any], between: tuple[int, int | None]) -> None:
    """Give the whole numbers in a property's schema a range, where the model gave them none."""
    least, greatest = between
    for each in whole_numbers(schema):
        if {"minimum", "exclusiveMinimum"}.isdisjoint(each):
            each["minimum"] = least
            if greatest is not None:
                each.setdefault("maximum", greatest)


def whole_numbers(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas of whole numbers that a property's schema holds, in alternatives and lists too."""
    if schema.get("type") == "integer":
        yield cast(dict[str, Any], schema)
    for inner in schema.get("anyOf", ()):
        yield from whole_numbers(inner)
    if "items" in schema:
        yield from whole_numbers(schema["items"])
