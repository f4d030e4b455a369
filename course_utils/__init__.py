"""Plumbing and concepts of the course *Stale Prices*.

Importing this package, or any room in it, is instant: heavy libraries are imported where they are used.
"""

__version__ = "0.1.0"
