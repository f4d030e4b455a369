"""``python -m course_utils.audit``."""

import sys

from .cli import main

sys.exit(main())
