"""What the policy says, in the words of one language: papers and notices are made of these sentences alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from callwarden.model.access import MACHINES, Readable, Role
from callwarden.model.ids import LineId
from callwarden.model.letter import Language
from callwarden.model.paper import Sources
from callwarden.model.paper_words import PLACES
from callwarden.model.policy import LegalBasis, LinePolicy, Processor
from callwarden.model.purpose import Purpose
from callwarden.rules.access_pack import basis_of, line_name, purposes_of
from callwarden.rules.consent import kept_without_consent

_WITHOUT_TEXT: Final = frozenset({Readable.ORIGINAL_AUDIO, Readable.METADATA, Readable.LOG})
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """Sentences about one policy in one language."""

    of: Sources

    def says(self, code: str, **values: str) -> str:
        return self.of.words.of("says", code).format(**values)

    def pair(self, name: str, value: str) -> str:
        """``name: value``, as the language writes it."""
        return f"{name}{self.of.words.language.colon}{value}"

    def listed(self, parts: Iterable[str]) -> str:
        """``a, b et c``"""
        *first, last = list(parts) or [""]
        return f"{', '.join(first)} {self.says('and')} {last}" if first else last

    def stated(self, said: Pairs) -> str | None:
        """What the policy states in this language; None where it does not."""
        return dict(said).get(self.of.words.language.value)

    def percent(self, share: Decimal) -> str:
        number = f"{(share * 100).normalize():f}"
        comma = self.of.words.language is Language.FR
        return self.says("percent", number=number.replace(".", ",") if comma else number)

    def line(self, line: LineId) -> str:
        """What people call it, and its id where that is another word."""
        name = line_name(line, self.of.policy, self.of.words.language)
        return name if name == line else f"{name} ({line})"

    def recorded(self, line: LinePolicy) -> str:
        if line.share == 0:
            return self.says("not_recorded")
        return (
            self.says("recorded_all") if line.share == 1 else self.says("recorded_part", share=self.percent(line.share))
        )

    def announced(self, line: LinePolicy) -> str:
        """What becomes of a call whose caller was not told that it is recorded."""
        return self.says(f"untold_{line.notice.value}")

    def unknown(self, line: LinePolicy) -> str:
        """What becomes of a call of which nothing is known of an objection; nothing where none is offered."""
        if not line.objection_honoured:
            return ""
        return self.says(f"unknown_{line.when_unknown.value}", wait=self.of.words.duration(line.wait))

    def objection(self, line: LinePolicy) -> str:
        code = "objection_offered" if line.objection_honoured else "objection_not_offered"
        return self.of.words.phrases[code]

    def periods(self, line: LinePolicy) -> list[str]:
        """How long a call of this line is kept, and its sound where that goes first."""
        kept = [self.says("kept_call", period=self.of.words.period(line.retention))]
        if line.audio_retention is not None:
            sound = "kept_sound" if line.transcription else "kept_sound_only"
            kept.append(self.says(sound, period=self.of.words.period(line.audio_retention)))
        return kept

    def purposes(self, line: LineId) -> list[Purpose]:
        return purposes_of(line, self.of.policy)

    def every_purpose(self) -> list[Purpose]:
        """What people may use calls for; machines only prepare what people read."""
        granted = {one for grant in self.of.policy.access if grant.role not in MACHINES for one in grant.purposes}
        return [purpose for purpose in Purpose if purpose in granted]

    def purpose(self, purpose: Purpose) -> str:
        return self.of.words.of("purposes", purpose.value)

    def basis(self, purpose: Purpose) -> str:
        return self.of.words.of("bases", basis_of(purpose, self.of.policy).value)

    def based(self, purpose: Purpose) -> str:
        """The purpose and its legal basis."""
        return f"{self.purpose(purpose)} – {self.basis(purpose)}"

    def roles(self, line: LineId | None = None) -> list[Role]:
        """People's roles that may read something, of this line or at all."""
        text = line is None or self.of.policy.lines[line].transcription
        granted = {
            one.role
            for one in self.of.policy.access
            if (line is None or not one.lines or line in one.lines)
            and (text or not _WITHOUT_TEXT.isdisjoint(one.artefacts))
        }
        return [role for role in Role if role in granted and role not in MACHINES]

    def recipients(self, line: LineId | None = None) -> list[str]:
        return [self.of.words.of("roles", role.value) for role in self.roles(line)] or [self.says("nothing")]

    def processors(self) -> list[str]:
        """Each, or that there are none; where the policy does not say, that it is to be completed."""
        named = self.of.policy.processors
        if named is None:
            return [self.says("unknown")]
        return [self.processor(one) for one in named] or [self.says("nobody_processes")]

    def processor(self, processor: Processor) -> str:
        what = self.stated(processor.what) or next(words for _, words in processor.what)
        return f"{processor.name} ({what})"

    def guarantees(self, processor: Processor) -> str:
        return self.stated(processor.guarantees) or next((words for _, words in processor.guarantees), "")

    def place(self, region: str) -> str:
        """What people call it, and its code."""
        return f"{self.of.words.of('places', region)} ({region})" if region in PLACES else region

    def regions(self) -> str:
        """Where recordings may lie (K5)."""
        return self.says(
            "regions_only", regions=self.listed(self.place(one) for one in sorted(self.of.policy.storage_regions))
        )

    def where(self) -> list[str]:
        """Where recordings may lie, and what leaves the Economic Area."""
        return [self.regions(), *self.transfers()]

    def transfers(self) -> list[str]:
        """What the policy states of transfers, and each processor outside the Economic Area. Of a transfer that is not
        stated nothing is promised."""
        policy = self.of.policy
        stated = self.stated(policy.transfers)
        outside = [
            self.says("outside", name=one.name, country=one.country, guarantees=self.guarantees(one))
            for one in policy.processors or ()
            if one.is_outside
        ]
        return [*([stated] if stated else []), *outside]

    def consented(self) -> list[Purpose]:
        """Purposes whose legal basis is consent."""
        return [one for one in self.every_purpose() if basis_of(one, self.of.policy) is LegalBasis.CONSENT]

    def figures(self) -> str:
        """What a figure is at least of."""
        least = self.of.policy.figures
        share = self.percent(least.share)
        return self.says("figures", callers=str(least.callers), employees=str(least.employees), share=share)

    def testing(self) -> str | None:
        """Who may test on real calls, and how much; None where nobody may."""
        testing, words = self.of.policy.testing, self.of.words
        if testing is None:
            return None
        roles = self.listed(words.of("roles", role.value) for role in testing.roles)
        lasts = words.duration(testing.lasts)
        return self.says("testing_limits", roles=roles, count=str(testing.at_most), lasts=lasts)

    def interest(self) -> str | None:
        """The interest pursued, where a purpose rests on one: as the policy states it, else the house's own words."""
        return self.stated(self.of.policy.interest) or self.of.words.phrases["interest"]

    def automated(self) -> str:
        return self.stated(self.of.policy.automated_decisions) or self.of.words.phrases["no_automated"]

    def stamp(self) -> str:
        policy = self.of.policy
        return self.says("stamp", tenant=policy.tenant, version=policy.version, day=self.of.words.day(self.of.today))

    def missing(self, *codes: str) -> tuple[str, ...]:
        """Which of these nobody has written."""
        sender, policy = self.of.sender, self.of.policy
        language = self.of.words.language.value
        absent = {
            "missing_sender": sender is None,
            "missing_website": sender is None or not sender.website,
            "missing_works_council": sender is None or not sender.works_council,
            "missing_interest": language not in dict(policy.interest),
            "missing_transfers": language not in dict(policy.transfers),
            "missing_automated": language not in dict(policy.automated_decisions),
            "missing_processors": policy.processors is None,
            "missing_to_object": any(
                line.share and line.objection_honoured and language not in dict(line.to_object)
                for line in policy.lines.values()
            ),
            "missing_dates": not self.of.dates or any(one.updated is None for one in self.of.dates.values()),
            "missing_consent": bool(kept_without_consent(policy)),
        }
        return tuple(self.says(code) for code in codes if absent[code])
