"""``ygs verify``: check a proof or a week's inputs, without the service and without a database."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ygs.domain.errors import N_
from ygs.entrypoints.cli.terminal import (
    FOUND,
    REFUSED,
    USAGE,
    Json,
    clock_time,
    fail,
    faults,
    language,
    print_heading,
    print_json,
    print_table,
    progress,
    say,
)

# The inputs of a hundred thousand people have 10 MB; a proof, and a list of commitments, a few hundred kilobytes.
_MOST_BYTES = 200_000_000
# Of the faults in a file.
_SHOWN = 10


def verify(
    file: Annotated[
        Path,
        typer.Argument(
            help="A proof, as GET /users/me/rounds/{week}/proof answered it; or, for auditors, a week's inputs, as GET "
            "/admin/match-weeks/{id}/release/inputs did.",
            exists=True,
        ),
    ],
    published: Annotated[
        Path | None,
        typer.Option(
            "--published",
            exists=True,
            help="What GET /commitments answered, best saved when the week was locked: the file must agree with it.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Check what a member or an auditor was given about a round, without the service.

    Of a proof: that these facts and wishes were committed to before the week was planned, and this result when it was
    published. Of a week's inputs: that they are those that were committed to, and that planning again gives the same
    plan. Exit code 4 when anything does not hold.
    """
    given, commitments = _read(file, published)
    with progress() as report:
        findings = _check(given, commitments, report)
    if json:
        print_json({"holds": all(each.holds for each in findings), "findings": findings})
    else:
        _print(given, findings, commitments)
    if not all(each.holds for each in findings):
        raise typer.Exit(FOUND)


def _read(file: Path, published: Path | None) -> tuple[Any, Any]:
    """Read both files; exit with what is wrong in them."""
    from pydantic import Field, TypeAdapter

    from ygs.application.introductions.round_proof import RoundProof
    from ygs.application.rounds.audit_bundle import AuditBundle
    from ygs.application.rounds.public_record import CommitmentList

    kinds: Any = Annotated[RoundProof | AuditBundle, Field(discriminator="format")]
    given = _parsed(TypeAdapter(kinds), file, N_("{file} is no proof and no week's inputs as the service answered it"))
    if published is None:
        return given, None
    what = N_("{file} is no list of commitments as the service answered it")
    return given, _parsed(TypeAdapter(CommitmentList), published, what).items


def _parsed(kind: Any, file: Path, what: str) -> Any:
    """What a file holds; exit when it holds something else."""
    from pydantic import ValidationError

    try:
        return kind.validate_json(_text(file))
    except ValidationError as error:
        wrong = [each for each in faults(error) if error.errors()[0]["loc"]]
        fail("\n".join([say(what, file=file.name), *wrong[:_SHOWN]]), USAGE)


def _text(file: Path) -> bytes:
    if file.stat().st_size > _MOST_BYTES:
        fail(say("{file} is too large to be a proof", file=file.name), USAGE)
    return file.read_bytes()


def _check(given: Any, commitments: Any, report: Any) -> Any:
    from ygs.application.introductions.proof_check import check_proof
    from ygs.application.introductions.round_proof import RoundProof
    from ygs.application.rounds.bundle_check import check_bundle
    from ygs.bootstrap.engines import engines
    from ygs.domain.errors import YgsError
    from ygs.ports.scoring_and_solving import RoundSolver, Scorer

    if isinstance(given, RoundProof):
        return check_proof(given, commitments)
    engine: Any = engines()
    try:
        return check_bundle(given, engine[Scorer], engine[RoundSolver], commitments, report)
    except YgsError as error:
        fail(error, REFUSED)


def _print(given: Any, findings: Any, published: Any) -> None:
    from ygs.application.introductions.round_proof import RoundProof

    committed = given.commitment
    print_heading(say("What was committed to about the round of {week}", week=committed.week))
    for each in findings:
        typer.echo(_verdict(_statement(each.statement, committed), holds=each.holds))
    if isinstance(given, RoundProof):
        if given.withheld:
            typer.echo(say("Results that are not shown: {count}", count=given.withheld))
        _print_results(given.results)
        _print_input(given.input.content)
        typer.echo(say("Check yourself that these are your facts and wishes: only you know."))
    if published is None:
        typer.echo(say("Compare the roots with what others read: `ygs verify FILE --published LIST`."))
    elif all(each.holds for each in findings) and not any(
        each.result_root == committed.result_root for each in published
    ):
        typer.echo(
            say("The list is from before the week was published: save it again now, and check the result with it.")
        )


def _statement(statement: Any, committed: Any) -> str:
    from ygs.application.rounds.public_record import Statement

    at = clock_time(committed.locked_at)
    words = {
        Statement.INPUT: say(
            "The facts and wishes below were committed to on {at}, before the week was planned.", at=at
        ),
        Statement.RESULT: say("A result was committed to when the week was published."),
        Statement.SAME_MEMBER: say("Facts, wishes and results are of one member and one round."),
        Statement.PLAN_INPUT: say(
            "Snapshot, policy, seed and version were committed to on {at}, before the week was planned.", at=at
        ),
        Statement.EVERY_INPUT: say("What was committed to of every participant follows from the snapshot."),
        Statement.SAME_PLAN: say("Planning again gives the stored plan, byte for byte."),
        Statement.PROVEN: say("No plan over all eligible pairs is better."),
        Statement.PUBLISHED: say("The list of commitments that was given holds the same commitment."),
    }
    return words[statement]


def _verdict(words: str, *, holds: bool) -> str:
    verdict = say("holds") if holds else say("DOES NOT HOLD")
    return f"{verdict}: {words}"


def _print_results(results: Any) -> None:
    """Say what each result is: an introduction by its id, or nobody."""
    for each in results:
        nobody = say("nobody this week")
        typer.echo(
            say("Result {number}: {result}", number=each.content.slot, result=each.content.introduction or nobody)
        )


def _print_input(content: Any) -> None:
    from ygs.application.labels import label
    from ygs.domain.matching.vocabulary import VOCABULARY

    facts = [(VOCABULARY[code].name(language()), _in_words(code, value)) for code, value in content.facts.items()]
    print_table(say("Facts"), [say("fact"), say("value")], facts)
    wishes = [
        (
            VOCABULARY[code].name(language()),
            _wish_in_words(code, wish),
            label("importance", wish.importance, language()),
        )
        for code, wish in content.wishes.items()
    ]
    print_table(say("Wishes"), [say("wish"), say("accepted"), say("importance")], wishes)


def _in_words(code: str, value: Any) -> str:
    from ygs.domain.matching.vocabulary import VOCABULARY

    several = value if isinstance(value, list) else [value]
    return ", ".join(VOCABULARY[code].label(each, language()) for each in several)


def _wish_in_words(code: str, wish: Any) -> str:
    if wish.any_of is not None:
        of_them = f"≥ {wish.low}: " if wish.low else ""
        return of_them + _in_words(code, wish.any_of)
    return " ~ ".join(_in_words(code, end) for end in (wish.low, wish.high) if end is not None)
