"""The outside: webhook server, channels, delivery, clock, command line; wires everything."""
