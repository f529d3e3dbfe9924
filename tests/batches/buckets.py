"""A bucket of a server that speaks S3, and ways to spoil what lies in it."""

from typing import Any

BUCKET = "assay-images"


class Bucket:
    """What stands in the bucket below the prefix that the settings name."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def names(self) -> list[str]:
        return [entry["Key"].rpartition("/")[2] for entry in self.listed()]

    def listed(self) -> list[dict[str, Any]]:
        return list(self.client.list_objects_v2(Bucket=BUCKET).get("Contents", []))

    def lose(self, sha256: str) -> None:
        self.client.delete_object(Bucket=BUCKET, Key=self.key_of(sha256))

    def spoil(self, sha256: str) -> None:
        self.client.put_object(Bucket=BUCKET, Key=self.key_of(sha256), Body=b"not what its name says")

    def key_of(self, sha256: str) -> str:
        return f"some/prefix/files/{sha256[:2]}/{sha256[2:4]}/{sha256}"
