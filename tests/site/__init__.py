"""The documentation as a site: its generated parts, its links, its build."""
