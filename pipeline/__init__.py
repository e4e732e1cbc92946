"""callwarden: recorded calls kept exactly as long as the law allows, used only by the right people, with proof.

The flow, one way::

    telephone system ─▶ telephony.calls ─▶ ingest ─▶ recordings.stored ─▶ transcribe ─▶ transcripts.ready
                                             │                                              │
                                             ▼                                              ▼
                                     vault + catalogue ◀──────────────────────────────── redact ─▶ recordings.redacted
                                             ▲
         holds · objections · dispose ───────┘        readers ─▶ GATE (decide, log durably, read) ─▶ portal · CLI

Each arrow is a step, a consumer group and a worker (`callwarden work NAME`) of one name:

==========  =====================================  =====================================  ============================
name        module                                 reads                                  writes, besides log entries
==========  =====================================  =====================================  ============================
ingest      `callwarden.steps.ingest`              telephony.calls                        vault, catalogue,
                                                                                          recordings.stored,
                                                                                          objections.recorded,
                                                                                          holds.changed, dead-letters
transcribe  `callwarden.steps.transcribe`          recordings.stored                      transcript, transcripts.ready
redact      `callwarden.steps.redact`              transcripts.ready                      redacted text, beeped audio,
                                                                                          recordings.redacted,
                                                                                          transcripts.ready of other
                                                                                          parts of the call
objections  `callwarden.steps.objections`          telephony.calls, objections.recorded   catalogue, dead-letters,
                                                                                          recordings.disposed, alerts
holds       `callwarden.steps.holds`               recordings.stored, holds.changed,      legal hold on every version
                                                   recordings.redacted
dispose     `callwarden.steps.dispose`             the catalogue: what is due             recordings.disposed, alerts
log         `callwarden.accesslog.book.sequencer`  entries without a number               signed checkpoints
==========  =====================================  =====================================  ============================

Where things are: `model` (frozen values) · `messages` (topics and what is on them) · `rules` (pure functions) ·
`ports` (contracts) · `steps` (arrows) · `desks` (what people do, each act through `desks.acts`) ·
`custody` (the doors: `gate` alone reads content, `store` writes, `holding` flags, `disposal` destroys) ·
`accesslog` (tree, checkpoints, verification) · `redaction` (personal data in calls, usable by itself) ·
`adapters` (Kafka, S3, SQL, directories …) · `wiring` (the only importer of adapters) · `workers` (processes and
commands) · `errors` (the three fates) · `diagnostics` (the programs' own log) · `settings` (the only reader of the
environment) · `shipped` (files that come with the package).
"""

__version__ = "0.1.0"
