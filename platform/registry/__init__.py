"""Which model versions there are, which of them judges, and what the others would have said."""
