"""Who may come in: API tokens beside Django's own users and sessions."""
