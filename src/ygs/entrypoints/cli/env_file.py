"""Whether `.env` can be read: editors save it in other encodings, and people forget an equals sign."""

from io import StringIO
from pathlib import Path

from ygs.application.messages.translate import translate
from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Language


def env_file_fault(language: Language) -> str | None:
    """What is wrong with the file as a whole, in a sentence; None when it can be read, or is not there."""
    try:
        text = Path(".env").read_text("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return translate(N_(".env is not written in UTF-8: save it as UTF-8 in your editor"), language)
    except OSError:
        return translate(N_(".env cannot be read: look at who may read it"), language)
    line = _broken_line(text)
    return translate(N_("line {line} of .env cannot be read: write NAME=value"), language, line=line) if line else None


def _broken_line(text: str) -> int | None:
    from dotenv.parser import parse_stream

    return next((each.original.line for each in parse_stream(StringIO(text)) if each.error), None)
