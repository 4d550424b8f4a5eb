"""The ground below everything: time, patterns, permission sets, routes, what is logged."""
