"""``python -m wsal``: the command line."""

from wsal.cli.main import main

main()
