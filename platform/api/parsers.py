"""Reads JSON bodies up to a length: REST framework's own reader takes whatever comes, also from nobody."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from rest_framework import parsers

from api import errors


class JSONParser(parsers.JSONParser):
    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises InvalidRequest for a body over DATA_UPLOAD_MAX_MEMORY_SIZE."""
        content = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(content) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise errors.InvalidRequest("The JSON is longer than any that makes sense here. Nothing was changed.")
        return super().parse(BytesIO(content), media_type, parser_context)
