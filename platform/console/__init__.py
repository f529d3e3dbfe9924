"""The command line: `up` keeps all processes alive, `scan` judges files without a server."""
