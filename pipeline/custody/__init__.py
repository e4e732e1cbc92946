"""The guarded doors: what stands between steps or desks and what is stored.

Each door alone has its port of the vault (contracts in pyproject.toml): `gate` reads, `store` writes, `holding` flags,
`disposal` destroys. They rest on `deciding` (the gate's verdicts), `certificates` and `standing_holds` (the disposal's)
and `scribe` (log entries). Here, too, is what both steps and desks need, and so stands below them: `timekeeper` (may
whoever destroys believe the clock), `key_census` (is the key store this system's own), `letters` (seals and opens dead
letters), `objection_effects` (what an objection does), `balance` (events in and out), `doorkeeper` (whom a token speaks
for) and `unknown` (how long a no takes).
"""
