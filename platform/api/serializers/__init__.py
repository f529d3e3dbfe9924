"""The shapes of every answer; the schema and the dashboard's types are made from them."""
