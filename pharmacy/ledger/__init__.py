"""Both signed logs of every cabinet, and the stock they make (WIRE 1)."""
