"""Experiments, and what they would take."""

from callwarden.desks.experiment_builds import Built
from callwarden.desks.experiment_candidates import Preview
from callwarden.desks.experiment_exports import Exported
from callwarden.desks.experiments import ListedExperiment, ShownExperiment
from callwarden.desks.revocations import Revocations
from callwarden.model.experiment import Carried, Experiment, ExperimentExport
from callwarden.rules.revoking import Standing
from callwarden.workers.shapes import Row


def experiment_shape(one: Experiment) -> Row:
    """``from``, ``to`` (both included) and ``until`` are days of the policy's zone; ``ends_at`` is the instant from
    which nothing more is built. ``sample`` null: everything. ``generation`` is of the newest build, 0 before one."""
    return {
        "experiment": one.name,
        "experiment_id": one.experiment_id,
        "state": one.state,
        "purpose": one.purpose,
        "hypothesis": one.hypothesis,
        "owner": one.owner,
        "dpia": one.dpia,
        "line": one.line,
        "from": one.first,
        "to": one.last,
        "labels": sorted(one.labels),
        "sample": one.sample,
        "seed": one.seed,
        "carries": [each for each in Carried if each in one.carries],
        "k": one.k,
        "with_agents": one.with_agents,
        "until": one.until,
        "ends_at": one.ends_at,
        "opened_by": one.opened_by,
        "opened_at": one.opened_at,
        "approved_by": one.approved_by,
        "approved_at": one.approved_at,
        "generation": one.generation,
        "built_at": one.built_at,
        "left_out": dict(one.left_out),
        "over_by": one.over_by,
        "over_at": one.over_at,
        "cleared_at": one.cleared_at,
    }


def listed_experiment_shape(one: ListedExperiment) -> Row:
    """With ``exports_to_clear``: how many exports hold revoked items that nobody has stated to be out; the same as
    ``unacknowledged``, its first name."""
    number = one.exports_to_clear
    return {**experiment_shape(one.experiment), "exports_to_clear": number, "unacknowledged": number}


def standing_shape(one: Standing) -> Row:
    """An export; ``to_take_out`` counts its revoked items that its holder has not stated to be out."""
    return {**export_shape(one.export), "to_take_out": len(one.to_take_out)}


def revocations_shape(made: Revocations) -> Row:
    """A signed list, and the exports it is for."""
    return {
        "experiment": made.experiment.name,
        "experiment_id": made.experiment.experiment_id,
        "items": made.items,
        "revocations_sha256": made.digest,
        "exports": [standing_shape(one) for one in made.standings],
    }


def shown_experiment_shape(shown: ShownExperiment) -> Row:
    """With its ``items``: how many are in each state, for each reason; and its ``exports``, the newest first."""
    items = [
        {"state": state, "reason": reason, "count": count}
        for (state, reason), count in sorted(shown.items.items(), key=lambda one: (one[0][0], one[0][1] or ""))
    ]
    exports = [standing_shape(one) for one in shown.exports]
    return {**experiment_shape(shown.experiment), "items": items, "exports": exports}


def export_shape(one: ExperimentExport) -> Row:
    """``items`` have left in it, and of ``taken_out`` its holder has stated that they are out again."""
    return {
        "export": one.export_id,
        "generation": one.generation,
        "made_by": one.made_by,
        "made_at": one.made_at,
        "items": len(one.items),
        "taken_out": len(one.taken_out),
        "acknowledged_at": one.acknowledged_at,
        "manifest_sha256": one.manifest,
    }


def built_shape(built: Built) -> Row:
    """``included`` items are in the build: of them ``new`` were taken now, ``renewed`` because their redaction was made
    anew. ``revoked`` (let go now) and ``left_out`` (not taken) count by reason."""
    return {
        "experiment": built.experiment.name,
        "state": built.experiment.state,
        "generation": built.experiment.generation,
        "included": built.included,
        "new": built.new,
        "renewed": built.renewed,
        "revoked": dict(built.revoked),
        "left_out": dict(built.left_out),
    }


def exported_shape(exported: Exported) -> Row:
    """``dropped`` counts by reason what the build had taken and may not leave any more; ``told`` how the metadata of
    how many items is told."""
    return {
        "experiment": exported.made.terms.name,
        **export_shape(exported.export),
        "dropped": dict(exported.made.dropped),
        "told": dict(exported.made.told),
        "directory": str(exported.directory),
    }


def preview_shape(preview: Preview) -> Row:
    """``count`` would be taken of ``eligible``; ``eligible`` and what is ``excluded`` (by reason, each call once) make
    up ``matched``. ``oldest`` and ``newest`` are of calls that could be taken. Before the approval numbers of fewer
    callers than ``fewer_than`` are null to anybody but the officer, and instants are beginnings of days."""
    return {
        "count": preview.taken,
        "eligible": preview.eligible,
        "matched": preview.matched,
        "excluded": dict(preview.excluded),
        "oldest": preview.oldest,
        "newest": preview.newest,
        "lines": dict(preview.lines),
        "fewer_than": preview.fewer_than,
    }
