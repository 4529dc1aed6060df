"""`python -m forthwith`, the same as the command `forthwith`."""

import sys

from forthwith.config.cli import main

if __name__ == "__main__":
    sys.exit(main())
