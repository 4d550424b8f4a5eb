"""The files of the repository that people and services read by their names: workflows, forms, hooks."""
