"""Typed identifiers. None of them is ever used as a path or an object key by itself."""

from typing import NewType

CallId = NewType("CallId", str)
"""The telephone system's name of a call; foreign text, never trusted as a name of ours."""

EventId = NewType("EventId", str)
"""`source` and `id` of a CloudEvent together: unique per event (CloudEvents 1.0, section 3.1.1)."""

LineId = NewType("LineId", str)
"""A line of the policy, such as ``customer-service``."""

RecordingId = NewType("RecordingId", str)
"""Ours: ``rec-`` and 26 base-32 characters, a keyed hash of tenant, call, leg and segment. Doubles as the
tombstone that keeps a disposed recording from coming back."""

CaseId = NewType("CaseId", str)
"""A litigation matter, named by legal."""

Pseudonym = NewType("Pseudonym", str)
"""A keyed hash of a telephone number, customer or person, carrying the id of its key. Not reversible."""

PolicyVersion = NewType("PolicyVersion", str)
"""Digest of the policy's content; stamped on every decision."""
