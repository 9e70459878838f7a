"""Every line of a served log is one JSON object, also those that libraries write, and quotes no error's message."""

import json
import subprocess
import sys

WRITE = """
import logging
from ygs.entrypoints.http.observability.request_log import log_as_json
import structlog

log_as_json()
structlog.get_logger("ygs.http").info("request", status=200)
logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
logging.getLogger("alembic.runtime.plugins").info("setup plugin")
try:
    raise ValueError("010-1234-5678")
except ValueError:
    logging.getLogger("uvicorn.error").exception("failed")
"""


def test_every_line_is_json_and_no_message_of_an_error_is_quoted() -> None:
    written = subprocess.run([sys.executable, "-c", WRITE], check=True, capture_output=True, text=True).stdout
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["event"] for line in lines] == ["request", "Started server process [7]", "failed"]
    assert lines[2]["error"] == "ValueError"
    assert {"level", "timestamp"} <= lines[0].keys() & lines[1].keys()
    assert "5678" not in written
