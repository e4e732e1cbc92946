"""callwarden: recorded calls kept exactly as long as the law allows, used only by the right people, with proof.

The flow, one way::

    telephone system ─▶ telephony.calls ─▶ ingest ─▶ recordings.stored ─▶ transcribe ─▶ transcripts.ready
                                             │                                              │
                                             ▼                                              ▼
                                     vault + catalogue ◀──────────────────────────────── redact ─▶ recordings.redacted
                                             ▲
         holds · objections · dispose ───────┘        readers ─▶ GATE (decide, log durably, read) ─▶ portal · CLI

===================================  =========================  ==========  ===================================
arrow                                step                       worker      topics out
===================================  =========================  ==========  ===================================
telephony.calls → vault, catalogue   `callwarden.steps.ingest`      ingest      recordings.stored, dead-letters
objections → what they concern       `callwarden.steps.objections`  objections
holds → flags on every version       `callwarden.steps.holds`       holds
what is due → nothing                `callwarden.steps.dispose`     dispose     recordings.disposed
===================================  =========================  ==========  ===================================

Where things are: `model` (frozen values) · `rules` (pure functions) · `ports` (contracts) · `steps` (arrows) ·
`desks` (what people do, each act through `desks.acts`) ·
`custody` (the doors: `gate` alone reads content, `store` writes, `holding` flags, `disposal` destroys) ·
`adapters` (Kafka, S3, SQL, directories …) · `wiring` (the only importer of adapters) · `settings` (the only
reader of the environment).
"""

__version__ = "0.1.0"
