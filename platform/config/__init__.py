"""Settings, environment, Celery and the table of URLs: what every room may read and none may own."""
