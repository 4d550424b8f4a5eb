"""``pytest --pyargs emulator.conformance`` runs the suite: here it finds its plugin."""

pytest_plugins = ["emulator.conformance.plugin"]
