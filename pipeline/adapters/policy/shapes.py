"""The shape of the policy file, for pydantic. Every scalar of the file arrives here as text, so that YAML's own guesses
(`NO` is false, `12:30` is 750) cannot change what somebody wrote."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from callwarden.adapters.policy.regions import REGIONS
from callwarden.model.access import ORIGINALS, Readable, Role
from callwarden.model.letter import Language
from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import EEA, FEWEST_CALLERS, FEWEST_EMPLOYEES, QUARTER, LegalBasis, WhenUnlike, WhenUntold
from callwarden.model.purpose import Purpose
from callwarden.rules.landing_uri import is_area
from callwarden.rules.reading import CONTENT, NEVER_ORIGINALS, NO_CONTENT, TESTERS

LONGEST_PERIOD: Final = CalendarPeriod(months=120)
LEAST_LOG: Final = CalendarPeriod(months=6)
MOST_LOG: Final = CalendarPeriod(months=36)
LEAST_STAY: Final = timedelta(hours=1)
MOST_STAY: Final = timedelta(days=30)
ORDINARY_STAY: Final = timedelta(days=3)
EVERY_AREA: Final = ""
LONGEST_DURATION: Final = timedelta(days=366)
LONGEST_TEST: Final = timedelta(days=90)

_DURATION: Final = re.compile(r"P(?=\d|T\d)(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?")
_SHARE: Final = re.compile(r"(\d{1,3}(?:\.\d{1,4})?) ?%")
_SIZE: Final = re.compile(r"(\d{1,9}) ?(kB|MB|GB)")
_UNITS: Final = {"kB": 10**3, "MB": 10**6, "GB": 10**9}


def _period(text: object) -> CalendarPeriod:
    try:
        period = CalendarPeriod.parse(str(text))
    except ValueError:
        raise ValueError("must be a period longer than nothing, such as P6M, P1Y or P90D") from None
    if period.at_most_days() > LONGEST_PERIOD.at_most_days():
        raise ValueError("must be ten years at most")
    return period


def _duration(text: object) -> timedelta:
    match = _DURATION.fullmatch(str(text))
    if match is None:
        raise ValueError("must be a length of time, such as PT30M, PT24H or P7D")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if duration > LONGEST_DURATION:
        raise ValueError(f"must be {LONGEST_DURATION.days} days at most")
    return duration


def _more_than_nothing(duration: timedelta) -> timedelta:
    if not duration:
        raise ValueError("must be longer than nothing")
    return duration


def _share(text: object) -> Decimal:
    if text == "all":
        return Decimal(1)
    if text == "never":
        return Decimal(0)
    match = _SHARE.fullmatch(str(text))
    share = Decimal(match[1]) / 100 if match else Decimal(-1)
    if not 0 < share <= 1:
        raise ValueError("must be all, never, or a part of the calls such as 30% or 2.5%")
    return share


def _log_period(text: object) -> CalendarPeriod:
    period = _period(text)
    if period.at_most_days() < LEAST_LOG.at_most_days() or period.at_most_days() > MOST_LOG.at_most_days():
        raise ValueError("must be six months to three years, such as P1Y (CNIL, délibération 2021-122)")
    return period


def _size(text: object) -> int:
    match = _SIZE.fullmatch(str(text))
    size = int(match[1]) * _UNITS[match[2]] if match else 0
    if not size:
        raise ValueError("must be a size, such as 500 MB or 2 GB")
    return size


def _zone(text: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(text))
    except (
        ValueError,
        OSError,
        LookupError,
    ):  # unknown names raise a LookupError, folders of zones an OSError
        raise ValueError("must be a time zone of the IANA list, such as Europe/Paris") from None


def _region(text: object) -> str:
    if text not in REGIONS:
        raise ValueError("must be the two capital letters of a country (ISO 3166), such as FR")
    return str(text)


def _area(text: object) -> str:
    if not is_area(str(text)):
        raise ValueError("must be spool:, spool:folder/, s3://bucket or s3://bucket/folder/")
    return str(text)


def _stay(text: object) -> timedelta:
    stay = _duration(text)
    if not LEAST_STAY <= stay <= MOST_STAY:
        raise ValueError("must be an hour to thirty days, such as P3D or PT12H")
    return stay


def _stays(value: object) -> dict[str, timedelta]:
    """One length of time for every area, or one for each area that is named and P3D for the others."""
    if isinstance(value, dict):
        return {EVERY_AREA: ORDINARY_STAY, **{_area(area): _stay(text) for area, text in value.items()}}
    return {EVERY_AREA: _stay(value)}


def _yes_no(text: object) -> bool:
    if text not in ("yes", "no", "true", "false"):
        raise ValueError("must be yes or no")
    return text in ("yes", "true")


def _count(text: object) -> int:
    count = int(str(text)) if str(text).isascii() and str(text).isdecimal() and len(str(text)) <= 9 else 0
    if not count:
        raise ValueError("must be a number from 1 to 999999999")
    return count


def _part(text: object) -> Decimal:
    match = _SHARE.fullmatch(str(text))
    part = Decimal(match[1]) / 100 if match else Decimal(-1)
    if not 0 <= part <= 1:
        raise ValueError("must be a part such as 5% or 0.5%; 0% for none")
    return part


def _channels(text: object) -> int:
    channels = int(str(text)) if str(text).isdecimal() else 0
    if not 1 <= channels <= 64:
        raise ValueError("must be a number from 1 to 64")
    return channels


Period = Annotated[CalendarPeriod, BeforeValidator(_period)]
LogPeriod = Annotated[CalendarPeriod, BeforeValidator(_log_period)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
PositiveDuration = Annotated[timedelta, BeforeValidator(lambda text: _more_than_nothing(_duration(text)))]
Share = Annotated[Decimal, BeforeValidator(_share)]
Count = Annotated[int, BeforeValidator(_count)]
Part = Annotated[Decimal, BeforeValidator(_part)]
Size = Annotated[int, BeforeValidator(_size)]
Channels = Annotated[int, BeforeValidator(_channels)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Region = Annotated[str, BeforeValidator(_region)]
Area = Annotated[str, BeforeValidator(_area)]
Stays = Annotated[dict[str, timedelta], BeforeValidator(_stays)]
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Wording = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
StorageRegion = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class LineShape(Shape):
    record: Share
    retention: Period
    audio_retention: Period | None = None
    objection_to_recording: Literal["honoured", "not-offered"]
    objection_unknown: Literal["record", "refuse", "wait"] | None = None
    wait: PositiveDuration | None = None
    transcription: YesNo
    notice: WhenUntold = WhenUntold.RECORD
    name: dict[Language, Wording] = Field(default={})
    to_object: dict[Language, Wording] = Field(default={})
    longer_for_stored: Wording | None = None

    @model_validator(mode="after")
    def _audio_goes_no_later(self) -> Self:
        if self.audio_retention is not None and not self.audio_retention.never_exceeds(self.retention):
            raise ValueError(
                f"audio_retention ({self.audio_retention}) may not last longer than retention ({self.retention}): the "
                "audio never outlives its redacted transcript"
            )
        return self

    @model_validator(mode="after")
    def _unknown_objections_are_settled(self) -> Self:
        if self.objection_to_recording == "honoured" and self.objection_unknown is None:
            raise ValueError(
                "a line that honours objections needs objection_unknown: record, refuse or wait, for calls of which "
                "the telephone system does not say whether the caller objected"
            )
        if self.objection_to_recording == "not-offered" and self.objection_unknown not in (None, "record"):
            raise ValueError("objection_unknown can only be record where no objection to recording is offered")
        if self.objection_to_recording == "not-offered" and self.to_object:
            raise ValueError("to_object is given where objection_to_recording is honoured, and nowhere else")
        if (self.objection_unknown == "wait") != (self.wait is not None):
            raise ValueError("wait is given where objection_unknown is wait, and nowhere else (such as wait: PT30M)")
        return self


class LimitsShape(Shape):
    max_audio: Size
    max_duration: PositiveDuration
    max_channels: Channels
    max_clock_ahead: Duration
    max_call_length: PositiveDuration
    times_off: Duration = timedelta(minutes=1)
    unlike_audio: WhenUnlike = WhenUnlike.NOTE


class SweepShape(Shape):
    clock_within: PositiveDuration = timedelta(days=14)
    at_most: Count = 1000
    share: Part = Decimal("0.05")


class HoldsShape(Shape):
    at_most: Count = 1000
    share: Part = Decimal("0.05")


class UnusualReadingShape(Shape):
    times: Annotated[Decimal, Field(gt=1, le=1000)] = Decimal(3)
    at_least: Count = 20
    from_hour: Annotated[int, Field(ge=0, le=24)] = 6
    to_hour: Annotated[int, Field(ge=0, le=24)] = 22
    days: Annotated[int, Field(ge=1, le=366)] = 30


class FiguresShape(Shape):
    callers: Annotated[int, Field(ge=FEWEST_CALLERS, le=1000)] = 11
    employees: Annotated[int, Field(ge=FEWEST_EMPLOYEES, le=1000)] = 3
    share: Annotated[Part, Field(gt=0, lt=1)] = Decimal("0.85")


class RealTestingShape(Shape):
    roles: Annotated[list[Role], Field(min_length=1)]
    at_most: Annotated[int, Field(ge=1, le=1000)] = 50
    lasts: PositiveDuration = timedelta(days=14)

    @model_validator(mode="after")
    def _are_people_who_read_redacted_calls(self) -> Self:
        if others := sorted(set(self.roles) - TESTERS):
            raise ValueError(f"{', '.join(others)} cannot test on real calls: {', '.join(sorted(TESTERS))} can")
        if not timedelta(days=1) <= self.lasts <= LONGEST_TEST or self.lasts % timedelta(days=1):
            raise ValueError(f"lasts is from a day to {LONGEST_TEST.days}, in whole days such as P14D")
        return self


class GrantShape(Shape):
    role: Role
    purposes: Annotated[list[Purpose], Field(min_length=1)]
    artefacts: Annotated[list[Readable], Field(min_length=1)]
    lines: Annotated[list[Name], Field(min_length=1)] | None = None
    only: Literal["own-calls", "team"] | None = None
    break_glass: YesNo = False

    @model_validator(mode="after")
    def _originals_stay_closed(self) -> Self:
        # The rules refuse these readings whatever the policy says: a grant that promises them would mislead.
        if self.role in NO_CONTENT and not CONTENT.isdisjoint(self.artefacts):
            raise ValueError(f"{self.role} is given no content, original or redacted: it runs the machines")
        if ORIGINALS.isdisjoint(self.artefacts):
            return self
        if self.role is Role.TRAINER:
            raise ValueError("a trainer is never given an original, not even by emergency access")
        if self.role in NEVER_ORIGINALS and not self.break_glass:
            raise ValueError(f"{self.role} is given an original only by emergency access; add break_glass: yes")
        return self


class ProcessorShape(Shape):
    name: Wording
    what: Annotated[dict[Language, Wording], Field(min_length=1)]
    country: Region
    contract: Wording
    regions: list[StorageRegion] = Field(default=[])
    guarantees: dict[Language, Wording] = Field(default={})

    @model_validator(mode="after")
    def _is_within_the_economic_area_or_says_why(self) -> Self:
        if self.country not in EEA and not self.guarantees:
            raise ValueError(
                f"{self.country} lies outside the European Economic Area: name the guarantees of the transfer, such as "
                "guarantees: {fr: clauses contractuelles types, en: standard contractual clauses}"
            )
        return self


class PolicyShape(Shape):
    """The whole file, one field a key. A further part of the policy is a further key here."""

    tenant: Name
    time_zone: Zone
    region: Region
    lines: Annotated[dict[Name, LineShape], Field(min_length=1)]
    landing_areas: Annotated[list[Area], Field(min_length=1)]
    landing: Stays = Field(default={EVERY_AREA: ORDINARY_STAY})
    storage_regions: Annotated[list[StorageRegion], Field(min_length=1)]
    quarantine: Period
    objection_within: PositiveDuration
    release_delay: Duration
    lifecycle_margin: Period
    log_retention: LogPeriod
    limits: LimitsShape
    sweep: SweepShape = SweepShape()
    holds: HoldsShape = HoldsShape()
    unusual_reading: UnusualReadingShape = UnusualReadingShape()
    figures: FiguresShape = FiguresShape()
    testing: RealTestingShape | None = None
    experiment_readings: Literal["granted", "included"] | None = None
    read_timeout: PositiveDuration
    break_glass_lasts: PositiveDuration
    transport: Literal["encrypted", "any"] | None = None
    case_review: Period = QUARTER
    legal_bases: dict[Purpose, LegalBasis] = Field(default={})
    interest: dict[Language, Wording] = Field(default={})
    transfers: dict[Language, Wording] = Field(default={})
    automated_decisions: dict[Language, Wording] = Field(default={})
    processors: list[ProcessorShape] | None = None
    access: Annotated[list[GrantShape], Field(min_length=1)]

    @field_validator("processors")
    @classmethod
    def _are_named_once_and_lie_where_data_may(
        cls, processors: list[ProcessorShape] | None, info: ValidationInfo
    ) -> list[ProcessorShape] | None:
        names = [one.name for one in processors or ()]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"names {', '.join(sorted(twice))} twice")
        for one in processors or ():
            for language, said in info.data.get("transfers", {}).items():
                if one.country not in EEA and one.name not in said:
                    raise ValueError(
                        f"has {one.name} in {one.country}, of which transfers.{language} says nothing: name it there"
                    )
        regions = info.data.get("storage_regions")
        if regions is not None and (odd := {each for one in processors or () for each in one.regions} - set(regions)):
            raise ValueError(f"names {', '.join(sorted(odd))}, which is not one of storage_regions")
        return processors

    @field_validator("landing")
    @classmethod
    def _is_about_areas_there_are(cls, stays: dict[str, timedelta], info: ValidationInfo) -> dict[str, timedelta]:
        areas = info.data.get("landing_areas")
        if areas is not None and (unknown := stays.keys() - {*areas, EVERY_AREA}):
            raise ValueError(f"names {', '.join(sorted(unknown))}, which is not one of landing_areas")
        return stays

    @field_validator("lifecycle_margin")
    @classmethod
    def _acts_after_the_delay(cls, margin: CalendarPeriod, info: ValidationInfo) -> CalendarPeriod:
        # Else the bucket could expire a recording that a released hold still protects by its delay.
        delay = info.data.get("release_delay")
        least = 30 * margin.months + margin.days
        if delay is not None and least < delay.days:
            raise ValueError("must be no shorter than release_delay: the bucket would act before the delay is over")
        return margin
