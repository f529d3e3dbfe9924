"""How the system does: which workers live, what waits where, whether database and broker answer, what is measured."""
