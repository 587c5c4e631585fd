"""`python -m tenuto`."""

import sys

from tenuto.cli import main

sys.exit(main())
