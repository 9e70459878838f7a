"""``ygs verify``: check a member's proof about a round, without the service and without a database."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.terminal import (
    FOUND,
    USAGE,
    Json,
    clock_time,
    fail,
    faults,
    language,
    print_heading,
    print_json,
    print_table,
    say,
)

# A proof has a few kilobytes, a list of commitments a few hundred.
_MOST_BYTES = 5_000_000


def verify(
    proof: Annotated[Path, typer.Argument(help="What GET /users/me/rounds/{week}/proof answered.", exists=True)],
    published: Annotated[
        Path | None,
        typer.Option(
            "--published",
            exists=True,
            help="What GET /commitments answered, best saved when the week was locked: the proof must agree with it.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Check a proof about a round: that the service committed to these facts and wishes before it planned, and to this
    result when it published. Exit code 4 when anything does not hold."""
    from ygs.application.introductions.proof_check import check_proof

    read, commitments = _read(proof, published)
    findings = check_proof(read, commitments)
    if json:
        print_json({"holds": all(each.holds for each in findings), "findings": findings})
    else:
        _print(read, findings, compared=published is not None)
    if not all(each.holds for each in findings):
        raise typer.Exit(FOUND)


def _read(proof: Path, published: Path | None) -> tuple[Any, Any]:
    """Read both files; exit with what is wrong in them."""
    from pydantic import TypeAdapter, ValidationError

    from ygs.application.introductions.round_proof import CommitmentView, RoundProof

    try:
        read = RoundProof.model_validate_json(_text(proof))
        if published is None:
            return read, None
        return read, TypeAdapter(list[CommitmentView]).validate_json(_text(published))
    except ValidationError as error:
        fail("; ".join(faults(error)), USAGE)


def _text(file: Path) -> bytes:
    if file.stat().st_size > _MOST_BYTES:
        fail(say("{file} is too large to be a proof", file=file.name), USAGE)
    return file.read_bytes()


def _print(proof: Any, findings: Any, *, compared: bool) -> None:
    from ygs.application.introductions.proof_check import Statement

    committed = proof.commitment
    print_heading(say("Proof about the round of {week}", week=committed.week))
    words = {
        Statement.INPUT: say(
            "The facts and wishes below were committed to on {at}, before the week was planned.",
            at=clock_time(committed.locked_at),
        ),
        Statement.RESULT: say("A result was committed to when the week was published."),
        Statement.SAME_MEMBER: say("Facts, wishes and results are of one member and one round."),
        Statement.PUBLISHED: say("The list of commitments that was given holds the same commitment."),
    }
    for each in findings:
        typer.echo(_verdict(words[each.statement], holds=each.holds))
    if proof.withheld:
        typer.echo(say("Results that are not shown: {count}", count=proof.withheld))
    _print_input(proof.input.content)
    if not compared:
        typer.echo(say("Compare the roots with what others read: `ygs verify PROOF --published LIST`."))
    typer.echo(say("Check yourself that these are your facts and wishes: only you know."))


def _verdict(words: str, *, holds: bool) -> str:
    verdict = say("holds") if holds else say("DOES NOT HOLD")
    return f"{verdict}: {words}"


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
        return _in_words(code, wish.any_of)
    return " ~ ".join(_in_words(code, end) for end in (wish.low, wish.high) if end is not None)
