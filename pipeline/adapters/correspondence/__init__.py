"""Letters from templates that people edit: Jinja2, in a sandbox."""
