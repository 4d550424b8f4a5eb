"""Client of a real Valkey or Redis, a single server or a cluster.

``url`` parses its address, ``connection`` speaks its protocol, ``server`` keeps one connection to a
server alive, ``cluster`` finds the server that has a key.
"""
