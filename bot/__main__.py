"""`python -m bot` is the command line."""

from bot.commands import main

main()
