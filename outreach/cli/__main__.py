"""`python -m outreach.cli`."""

from outreach.cli import main

main()
