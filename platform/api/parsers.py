"""Reads JSON bodies up to a length and a depth: REST framework's own reader takes whatever comes, also from nobody."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from rest_framework import parsers
from rest_framework.exceptions import ParseError

from api import errors


class JSONParser(parsers.JSONParser):
    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises BodyTooLarge over DATA_UPLOAD_MAX_MEMORY_SIZE, and ParseError."""
        content = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(content) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise errors.BodyTooLarge
        try:
            return super().parse(BytesIO(content), media_type, parser_context)
        except RecursionError:  # a list in a list in a list, 100,000 times
            raise ParseError from None
