"""The domain: what was sent in, who works on it, what came out."""
