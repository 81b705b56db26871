"""The rules of people's mediation (人民调解): standard library only, no I/O."""
