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
logging.getLogger("httpx").info("HTTP Request: POST https://sms.example.kr/hook?token=abc")
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
    assert "token=abc" not in written


def test_no_worker_without_the_extra_http_writes_the_address_of_a_request() -> None:
    """Its log is set up without structlog; a messenger's address may hold a token."""
    program = """
import logging, sys
sys.modules["structlog"] = None
from ygs.entrypoints.cli.jobs import _write_log

_write_log()
logging.getLogger("httpx").info("HTTP Request: POST https://sms.example.kr/hook?token=abc")
logging.getLogger("ygs.worker").info("worker started")
"""
    written = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stderr
    assert "worker started" in written
    assert "token=abc" not in written
