"""Files that people and services know by their names: workflows, forms, hooks, CI recipes."""
