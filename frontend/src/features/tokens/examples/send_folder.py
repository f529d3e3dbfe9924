"""python send_folder.py FOLDER: sends its images and prints a line for each."""

import os
import sys
import time
import uuid
from pathlib import Path

import requests  # pip install requests

API = os.environ.get("ASSAY_URL", "http://127.0.0.1:8000") + "/api/v1"
session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['ASSAY_TOKEN']}"


def ask(method, path, **given):
    """The server's answer; comes back when a busy server says when."""
    while True:
        answer = session.request(method, API + path, timeout=120, **given)
        if answer.status_code not in {429, 503}:
            answer.raise_for_status()
            return answer.json()
        time.sleep(float(answer.headers.get("Retry-After", 5)))


files = sorted(path for path in Path(sys.argv[1]).rglob("*") if path.is_file())
if not files:
    sys.exit(f"{sys.argv[1]} has no files.")
batch = None
for start in range(0, len(files), 100):
    sent = ask(
        "POST",
        f"/batches/{batch['id']}/images" if batch else "/batches",
        files=[("images", (file.name, file.read_bytes())) for file in files[start : start + 100]],
        headers={"Idempotency-Key": str(uuid.uuid4())},  # sent twice, it counts once
    )
    batch = sent["batch"]
    for file in sent["rejected"]:
        print(f"{file['filename']}: {file['detail']}")

while batch["state"] == "running":
    time.sleep(2)
    batch = ask("GET", f"/batches/{batch['id']}")

cursor = ""
while cursor is not None:
    page = ask("GET", "/analyses", params={"batch": batch["id"], "cursor": cursor})
    for analysis in page["results"]:
        error = analysis["error"]
        told = error["detail"] if error else analysis["verdict"] or analysis["state"]
        print(f"{analysis['filename']}: {told}")
    cursor = page["next_cursor"]
