"""``python -m course_utils.audit``: the same as ``stale-prices-audit``."""

import sys

if __name__ == "__main__":
    from course_utils.audit.cli import main

    sys.exit(main())
