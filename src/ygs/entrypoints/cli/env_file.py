"""Whether `.env` can be read: editors save it in other encodings, and people forget an equals sign."""

from io import StringIO
from pathlib import Path

from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Language


def env_file_fault(language: Language) -> str | None:
    """What is wrong with the file as a whole, in a sentence; None when it can be read, or is not there."""
    fault = _fault()
    if fault is None:
        return None
    # Only now: what translates is heavy, and help stays quick.
    from ygs.application.messages.translate import translate

    template, line = fault
    return translate(template, language, line=line)


def _fault() -> tuple[str, int | None] | None:
    """The template of what is wrong, and the line that it is about, if it is about one."""
    try:
        line = _broken_line(Path(".env").read_text("utf-8-sig"))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return N_(".env is not written in UTF-8: save it as UTF-8 in your editor"), None
    except OSError:
        return N_(".env cannot be read: look at who may read it"), None
    return (N_("line {line} of .env cannot be read: write NAME=value"), line) if line else None


def _broken_line(text: str) -> int | None:
    from dotenv.parser import parse_stream

    return next((each.original.line for each in parse_stream(StringIO(text)) if each.error), None)
