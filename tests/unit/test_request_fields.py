"""Moments in requests are text with an offset from UTC, or a moment that an embedder gives."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from ygs.application.request_fields import Moment

NINE = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.mark.parametrize("given", [NINE, "2026-11-25T09:00:00Z", "2026-11-25T18:00:00+09:00"])
def test_a_moment_is_text_or_a_moment(given: object) -> None:
    assert TypeAdapter(Moment).validate_python(given) == NINE


@pytest.mark.parametrize("given", [0, 1_795_597_200, 1.5, "2026-11-25T09:00:00", "soon", None, True])
def test_a_number_is_no_moment_nor_is_text_without_an_offset(given: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(given)
