"""Predict which recorded calls another revision of the API would answer differently, and why.

Parameters, limits, statuses and messages come from the service's own code. This package models the
facts that a recording leaves unknown: it has no API keys and no bodies, may begin in the middle of
a run, and gives the time of a write only as an interval. So an object, a store or a permission may
exist or not, and later calls depend on it.

Why not replay the calls on two services, one for each revision?

- A replay has one state and gives one answer. In a trial, up to 20 % of its answers were wrong for
  recordings that began late and whose callers might not write; this model had none wrong. To find
  every possible answer, it needs a run for each combination of unknown facts.
- A replay gives no reasons. Further runs, each without one feature, find no cause if two features
  explain the same status, and no difference if the status stays the same, as for an object that is
  kept for less time.
- A replay costs more: 4.4 s and 330 MB for 10 000 calls, against 0.6 s and 50 MB.
"""
