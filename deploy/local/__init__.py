"""`python -m deploy.local`: the services of docker-compose.yml as plain processes of this machine."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# As manage.py does: the supervisor lives in a room under platform/.
_SOURCE_ROOT = str(ROOT / "platform")
if _SOURCE_ROOT not in sys.path:
    sys.path.insert(0, _SOURCE_ROOT)
