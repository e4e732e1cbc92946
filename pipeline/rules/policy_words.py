"""What the policy says, in words: for the person who answers for it, and for `callwarden policy show`."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from callwarden.model.period import CalendarPeriod
from callwarden.model.policy import (
    Grant,
    LinePolicy,
    Policy,
    Processor,
    RealTesting,
    SweepLimits,
    UnusualReading,
    WhenUnknown,
    WhenUntold,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """One statement of the policy: what it is about (`system`, or the name of a line), which key it comes from,
    and what it means."""

    about: str
    key: str
    says: str


def explain(policy: Policy) -> list[PolicyRow]:
    """Every statement of the policy except the access matrix, general ones first, then line by line."""
    limits = policy.limits
    general = {
        "tenant": policy.tenant,
        "version": policy.version,
        "time_zone": f"days and months are counted on the calendar of {policy.time_zone.key}",
        "region": f"numbers without a country code are read as numbers of {policy.region}",
        "landing_areas": f"audio is taken from {', '.join(policy.landing_areas)} and from nowhere else",
        "landing": _landing_words(policy),
        "storage_regions": f"recordings lie in {', '.join(sorted(policy.storage_regions))} and nowhere else",
        "quarantine": f"audio set aside is kept {period_words(policy.quarantine)} from its arrival",
        "objection_within": f"{duration_words(policy.objection_within)} after an objection nothing is left",
        "release_delay": f"{duration_words(policy.release_delay)} after a hold ends nothing is destroyed yet",
        "lifecycle_margin": f"the bucket's own expiry acts {period_words(policy.lifecycle_margin)} after any due date",
        "log_retention": f"a month of the access log is kept {period_words(policy.log_retention)} once it is over",
        "limits": (
            f"at most {limits.max_audio_bytes / 1e6:,.0f} MB, {duration_words(limits.max_duration)} of audio, "
            f"{limits.max_channels} channels; clocks at most {duration_words(limits.max_clock_ahead)} ahead; "
            f"calls of at most {duration_words(limits.max_call_length)}"
        ),
        "sweep": _sweep_words(policy.sweep),
        "holds": (
            f"one person holds at most {policy.holds.at_most} recordings at once, or "
            f"{(policy.holds.share * 100).normalize():f} % of those kept; more takes a justification and two people"
        ),
        "unusual_reading": _unusual_words(policy.unusual_reading),
        "figures": (
            f"a figure is of {policy.figures.callers} callers and {policy.figures.employees} employees at least, and "
            f"at most {(policy.figures.share * 100).normalize():f} % of it is one person's"
        ),
        "read_timeout": f"nothing is read unless the log has it within {duration_words(policy.read_timeout)}",
        "transport": (
            "a connection in clear text to a server stops the start"
            if policy.transport_encrypted
            else "connections to servers may be in clear text; each is warned about"
        ),
        "case_review": f"an open case is reviewed every {period_words(policy.case_review)}",
        "break_glass_lasts": f"an approved emergency access stays open {duration_words(policy.break_glass_lasts)}",
    }
    stated = {
        "legal_bases": policy.legal_bases,
        "interest": policy.interest,
        "transfers": policy.transfers,
        "automated_decisions": policy.automated_decisions,
    }
    general |= {key: _pairs_words(said) for key, said in stated.items() if said}
    if policy.testing is not None:
        general["testing"] = _testing_words(policy.testing)
    if policy.only_included:
        general["experiment_readings"] = (
            "for ai_experiment people read only what an approved experiment of theirs includes"
        )
    if policy.processors is not None:
        general["processors"] = "; ".join(_processor_words(one) for one in policy.processors) or "there are none"
    rows = [PolicyRow(about="system", key=key, says=says) for key, says in general.items()]
    for line in policy.lines.values():
        rows += _line_rows(line)
    return rows


def grant_words(grant: Grant) -> str:
    """The conditions of one grant, in words; empty when it has none."""
    conditions = []
    if grant.lines:
        conditions.append(f"calls on {', '.join(sorted(grant.lines))}")
    if grant.own_calls_only:
        conditions.append("one's own calls")
    if grant.team_only:
        conditions.append("calls of one's team")
    if grant.break_glass:
        conditions.append("in an emergency, with a second person's approval")
    return "; ".join(conditions)


def period_words(period: CalendarPeriod) -> str:
    """``6 months``, ``1 year``, ``30 days``; several units with commas between."""
    years, months = divmod(period.months, 12)
    return _counted((years, "year"), (months, "month"), (period.days, "day"))


def duration_words(duration: timedelta) -> str:
    """``30 minutes``, ``7 days``; ``0 seconds`` for nothing. Fractions of a second are left out."""
    seconds = int(duration.total_seconds())
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return _counted((days, "day"), (hours, "hour"), (minutes, "minute"), (seconds, "second")) or "0 seconds"


def _pairs_words(said: tuple[tuple[str, str], ...]) -> str:
    return "; ".join(f"{key}: {words}" for key, words in said)


def _processor_words(one: Processor) -> str:
    parts = (
        f"{one.name} in {one.country} ({_pairs_words(one.what)}), by contract {one.contract}",
        f"storing in {', '.join(one.regions)}" if one.regions else "",
        f"with guarantees ({_pairs_words(one.guarantees)})" if one.guarantees else "",
    )
    return ", ".join(part for part in parts if part)


def _testing_words(testing: RealTesting) -> str:
    return (
        f"{', '.join(testing.roles)} may test on {testing.at_most} real calls at most, redacted, for "
        f"{duration_words(testing.lasts)} at most, once the data protection officer has approved"
    )


def _landing_words(policy: Policy) -> str:
    stays = sorted(policy.landing.items())
    if len({stay for _, stay in stays}) == 1:
        return f"what lies there longer than {duration_words(stays[0][1])} is removed, announced or not"
    listed = ", ".join(f"{area} {duration_words(stay)}" for area, stay in stays)
    return f"what lies there too long is removed, announced or not: {listed}"


def _unusual_words(limits: UnusualReading) -> str:
    return (
        f"an auditor is shown who reads {limits.at_least} recordings or more on a day and over "
        f"{limits.times.normalize():f} times what is usual, for them in {limits.days} days or for their role; who "
        f"reads before {limits.from_hour} or from {limits.to_hour} o'clock on; and who asks for emergency access"
    )


def _sweep_words(limits: SweepLimits) -> str:
    return (
        f"one sweep destroys at most {limits.at_most} recordings, or {(limits.share * 100).normalize():f} % of those "
        f"kept, and none once the clock has jumped by more than {duration_words(limits.clock_within)}; two people let "
        "it go on"
    )


def _line_rows(line: LinePolicy) -> list[PolicyRow]:
    says = {
        **({"name": _pairs_words(line.name)} if line.name else {}),
        "record": _share_words(line.share),
        "retention": f"{period_words(line.retention)} from the end of the call",
        "audio_retention": _audio_words(line),
        "longer_for_stored": (
            f"a longer period counts for what is stored too: {line.longer_for_stored}" if line.longer_for_stored else ""
        ),
        "objection_to_recording": (
            "honoured: a caller who objects is not recorded" if line.objection_honoured else "not offered on this line"
        ),
        "to_object": _pairs_words(line.to_object),
        "objection_unknown": _unknown_words(line),
        "notice": _UNTOLD[line.notice],
        "transcription": "speech is turned into text" if line.transcription else "speech is not turned into text",
    }
    return [PolicyRow(about=line.line, key=key, says=words) for key, words in says.items() if words]


def _audio_words(line: LinePolicy) -> str:
    if line.audio_retention is None:
        return ""
    return f"{period_words(line.audio_retention)} from the end of the call; then only the redacted transcript is left"


_UNTOLD = {
    WhenUntold.RECORD: "the call is kept whether or not the caller was told that it is recorded",
    WhenUntold.QUARANTINE: "a call whose caller was not told to the end that it is recorded is set aside",
    WhenUntold.REFUSE: "a call whose caller was not told to the end that it is recorded is not kept",
}


def _share_words(share: Decimal) -> str:
    if share == 0:
        return "no call is recorded"
    if share == 1:
        return "every call is recorded"
    return f"{(share * 100).normalize():f} % of calls, chosen by the call's id"


def _unknown_words(line: LinePolicy) -> str:
    if not line.objection_honoured:
        return ""
    match line.when_unknown:
        case WhenUnknown.RECORD:
            return "the call is kept when nothing is known of an objection"
        case WhenUnknown.REFUSE:
            return "the call is not kept when nothing is known of an objection"
        case WhenUnknown.WAIT:
            return f"word of an objection is waited for, {duration_words(line.wait)} from the end of the call"


def _counted(*counts: tuple[int, str]) -> str:
    return ", ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counts if count)
