"""`python -m avcontrol` is the command `avcontrol`."""

from avcontrol.cli import main

main()
