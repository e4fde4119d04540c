"""``python -m lkjam_box``."""

import sys

from .cli import main

sys.exit(main())
