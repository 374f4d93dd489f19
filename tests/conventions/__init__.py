"""The rules of the house, as tests: architecture, site map, settings, schema, words."""
