"""Plumbing and concepts of the course *Stale Prices*.

Importing this package, or any room in it, is instant: heavy libraries are imported where they are used.
"""

import os

# Torch's threads wait for each other by spinning. Where there are more threads than free cores (two
# notebooks open, a container that may use two of its machine's 64 cores) that makes a training ten times
# slower; a short spin costs nothing, measured with one training and with two. Set before torch is imported.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

__version__ = "0.1.0"
