"""The wire: lines, bodies, heads and genesis, byte for byte (docs/reference/wire.md).

Imports nothing of the project. The cabinet and the pharmacy run the same files, so there is one
meaning of every byte; what a body says is decided by whoever calls.
"""
