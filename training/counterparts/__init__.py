"""Counterparts: fakes made from photographs by a generator's last stage alone."""
