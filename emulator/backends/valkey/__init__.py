"""A real Valkey or Redis, one server or a cluster, as the engines that use one talk to it.

``url`` says which one, ``connection`` speaks its protocol, ``server`` keeps one connection to a
server alive, ``cluster`` finds the server that has a name.
"""
