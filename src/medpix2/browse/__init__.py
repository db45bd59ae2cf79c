"""The web application: pages and their `.json` twins, templates and static files."""
