"""The worker's Celery application: `celery -A workers.app worker -Q interactive,default,bulk`."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

from workers.messages import refuse_foreign

try:
    from config.celery import app
except ImproperlyConfigured as error:  # one sentence instead of Celery's traceback
    print(error, file=sys.stderr)
    sys.exit(78)  # EX_CONFIG of sysexits.h: trying again at once is no use
# Django's checks would load the whole web application into the worker; web and commands run them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app.conf.update(
    # By name, not by import: models can be loaded only after Celery's Django fix-up.
    include=["workers.tasks", "workers.pulse"],
    # One process is one model. A pool that forks would copy the engine's threads' locks but not its threads.
    worker_pool="solo",
    # Celery closes the database after every task; SQLite then writes its log back and deletes it, 5 to 10 ms a permit.
    # Django's own rule (CONN_MAX_AGE) is asked before every task instead: see tasks.
    CELERY_DB_REUSE_MAX=1_000_000_000,
)
refuse_foreign()
