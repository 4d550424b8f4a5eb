"""The server that speaks HTTP: answers, stops, and what is not HTTP."""
