"""The API and the portal: one application over desks and gate, with no rule and no query of its own.

``app`` puts it together, ``serving`` runs it · ``asking`` who asks · ``routes`` which act or reading a route is ·
``problems`` errors as problem+json (RFC 9457) · ``api/`` one module a subject · ``portal/`` pages, one module a subject
· ``words`` French and English · ``assets`` what browsers keep.
"""
