"""x"""

LARGE = SMALL = 0
