"""What a system of this kind gets wrong when it is built in the obvious way, and the test that shows it is not so here.

`tests/compliance.py` writes it into docs/compliance.md; a test that is named here and not there fails.
"""

from typing import Final

TRAPS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "time": {
        "six months are calendar months: 31 August and six of them is the end of February": (
            "rules/test_retention.py::test_six_months_end_on_the_same_day_or_on_the_last_of_a_shorter_month",
        ),
        "nights of the clock change keep nothing longer": (
            "rules/test_retention.py::test_a_time_the_spring_night_skips_becomes_the_end_of_the_gap",
            "rules/test_retention.py::test_a_time_the_autumn_night_shows_twice_is_its_first_showing",
        ),
        "a period counts from the end of the call, never from its arrival": (
            (
                "rules/test_admitting.py::"
                "test_what_is_kept_has_a_line_of_the_policy_a_credible_end_a_period_that_is_not_over_and_no_fault"
            ),
        ),
        "a call without a credible time is set aside, and now is never put in its place": (
            "rules/test_retention.py::test_a_call_without_a_believable_time_is_not_given_one",
        ),
        "a call of the future is set aside, one past its period refused": (
            "steps/test_ingest_outcomes.py::test_an_event_ends_in_one_outcome_and_the_sums_agree",
        ),
        "from its last instant nothing is readable, whether or not a sweep has run": (
            "rules/test_reading.py::test_every_role_purpose_and_artefact_is_answered_as_the_tables_say",
            "faults/test_any_order.py::test_in_any_order_the_promises_hold",
        ),
        "the audio may have a shorter period than the redacted transcript, never a longer one": (
            (
                "rules/test_audio_period.py::"
                "test_the_audio_is_counted_on_the_calendar_as_the_rest_is_and_never_outlives_it"
            ),
            (
                "steps/test_audio_period.py::"
                "test_past_its_period_the_audio_is_unreadable_at_once_and_gone_at_the_sweep_and_the_transcript_stays"
            ),
        ),
    },
    "destroying": {
        "every version goes by its id, and a listing proves that none is left": (
            "vault/test_disposal.py::test_every_version_goes_and_doing_it_again_finds_nothing",
            "vault/test_disposal.py::test_a_vault_that_still_lists_something_afterwards_is_not_believed",
        ),
        "a delete marker hides nothing": (
            "vault/test_s3_vault.py::test_a_delete_marker_hides_nothing_from_us_and_is_listed_and_destroyed",
        ),
        "the bucket's own rules are a backstop and never touch what is held": (
            (
                "system/test_lifecycle.py::"
                "test_lifecycle_expires_what_the_sweep_never_saw_and_a_held_object_stays_readable_by_version"
            ),
        ),
        "unfinished uploads and temporary files hold voices too": (
            (
                "steps/test_holds_and_disposal.py::"
                "test_the_sweep_destroys_every_version_every_unfinished_upload_the_key_and_what_was_personal"
            ),
            "faults/test_objection_races_upload.py::test_an_objection_at_any_step_of_an_upload_leaves_no_byte_anywhere",
        ),
        "once the key is gone every copy is noise": (
            (
                "steps/test_audio_period.py::"
                "test_the_key_of_the_audio_is_gone_for_good_though_that_of_the_transcript_stays"
            ),
        ),
        "a restored backup brings nothing back, before it serves": (
            (
                "journal/test_restore.py::"
                "test_after_restoring_an_old_backup_the_journal_destroys_again_what_was_destroyed_since"
            ),
            "steps/test_audio_period.py::test_a_restored_backup_does_not_bring_the_audio_back",
        ),
        "what was decided since the backup holds again: objections, withdrawals, restrictions, holds": (
            "system/test_restored_acts.py::test_what_was_decided_after_the_backup_holds_again",
            "journal/test_acts.py::test_a_withdrawal_and_a_decision_forgotten_by_the_backup_hold_again",
        ),
        "a replayed event of something destroyed does not bring it back": (
            "steps/test_ingest_outcomes.py::test_a_disposed_recording_does_not_come_back",
        ),
        "an erasure is done when every place has confirmed it, and what is held is told and goes later": (
            "desks/test_request_erasures.py::test_what_is_approved_is_gone_everywhere_and_the_request_is_closed",
            "desks/test_request_erasures.py::test_what_is_held_is_told_and_goes_by_itself_once_the_hold_has_ended",
        ),
    },
    "holds": {
        "a hold is a reference of a case: releasing one case leaves the other's": (
            "steps/test_holds_and_disposal.py::test_two_cases_hold_one_recording_and_releasing_one_leaves_the_other",
        ),
        "criteria are kept and catch calls that come later": (
            "desks/test_placements.py::test_what_is_there_and_what_comes_later_is_held",
            "desks/test_placements.py::test_a_sweep_looks_at_the_criteria_before_it_destroys",
        ),
        "it is previewed, and a hold on everything is refused": (
            "desks/test_placements.py::test_a_preview_counts_and_places_nothing",
            "desks/test_placements.py::test_everything_is_refused",
        ),
        "a hold that races the sweep wins, or says what was gone, with its certificate": (
            (
                "faults/test_held_everywhere.py::"
                "test_of_a_hold_and_a_sweep_at_once_each_recording_is_held_or_gone_with_its_certificate"
            ),
            "steps/test_audio_period.py::test_a_hold_that_comes_once_the_audio_is_gone_keeps_the_transcript",
        ),
        "a release takes two people and destroys nothing before a delay": (
            "steps/test_holds_and_disposal.py::test_a_release_takes_two_people",
            (
                "steps/test_holds_and_disposal.py::"
                "test_after_a_release_the_original_clock_applies_again_once_the_delay_is_over"
            ),
        ),
        "the system computes and reminds; a person releases": (
            "desks/test_procedure.py::test_what_is_due_is_listed_and_nothing_is_released_by_itself",
        ),
        "past its ordinary period what is held opens to the dispute alone": (
            "desks/test_cases.py::test_once_its_period_is_over_a_held_recording_is_open_to_the_people_of_its_case_alone",
        ),
        "it covers what is derived as well, version by version": (
            "steps/test_holds_applied.py::test_what_is_derived_of_a_held_recording_is_held_too_and_unapplied_until_then",
            "contracts/test_vault_contract.py::test_a_hold_is_on_one_version_and_the_others_still_go",
        ),
    },
    "objection": {
        "before, with or after the recording, by call, number or customer: nothing is left": (
            "steps/test_objections.py::test_an_objection_leaves_nothing_whichever_comes_first",
            "steps/test_objections.py::test_an_objection_made_in_one_leg_takes_the_other_legs_with_it",
        ),
        "missing is not no": (
            "steps/test_objections.py::test_a_call_whose_objection_is_unknown_waits_then_is_recorded",
        ),
        "the order of arrival never matters, a withdrawal before its objection included": (
            "rules/test_objection.py::test_in_whatever_order_objections_and_withdrawals_come_the_same_is_on_file",
            (
                "desks/test_objections_decided.py::"
                "test_in_whatever_order_a_call_an_objection_its_withdrawal_and_a_later_call_come_the_same_is_closed"
            ),
        ),
        "while the audio is on its way no byte is left": (
            "faults/test_objection_races_upload.py::test_an_objection_at_any_step_of_an_upload_leaves_no_byte_anywhere",
        ),
        "the landing copy goes too": (
            (
                "desks/test_objections_decided.py::"
                "test_of_a_call_set_aside_without_its_audio_the_landing_copy_goes_when_its_caller_objects"
            ),
        ),
        "to some uses only: those close, the others go on": (
            "steps/test_objections.py::test_an_objection_to_some_uses_closes_those_and_no_others",
            (
                "rules/test_reading_objected.py::"
                "test_an_objection_closes_all_but_duties_and_the_dispute_a_recording_is_held_for"
            ),
        ),
        "withdrawn: from then on only, and nothing comes back": (
            (
                "steps/test_objections.py::"
                "test_a_standing_objection_covers_later_calls_until_it_is_withdrawn_and_nothing_comes_back"
            ),
        ),
        "against what is held: kept for the case, closed to everything else, and told": (
            "steps/test_objections.py::test_a_held_recording_is_kept_for_its_case_and_closed_to_everything_else",
        ),
        "what a line promised when the call was recorded stands for that call": (
            (
                "desks/test_objections_decided.py::"
                "test_what_the_line_promised_when_the_call_was_recorded_stands_for_that_call"
            ),
        ),
        "where a line offers none, there is a decision with its ground": (
            (
                "desks/test_objections_decided.py::"
                "test_an_objection_on_a_line_that_offers_none_is_answered_with_its_ground_and_listed_until_it_is_decided"
            ),
        ),
    },
    "restriction and requests": {
        "a restriction blocks every use and the ordinary disposal": (
            "desks/test_request_erasures.py::test_a_restriction_keeps_from_use_and_disposal_until_it_is_lifted",
            "steps/test_audio_period.py::test_a_restriction_keeps_the_audio",
        ),
        "an open request freezes what it asks for, calls that come later too": (
            "desks/test_requests.py::test_what_is_asked_for_is_kept_from_the_sweep_until_it_is_answered",
            (
                "desks/test_requests.py::"
                "test_a_call_that_arrives_while_a_request_is_open_is_kept_as_well_and_found_the_next_time"
            ),
        ),
        "and opens nothing but its own answer": (
            (
                "desks/test_request_doors.py::"
                "test_what_is_over_meanwhile_opens_to_the_answer_alone_and_to_nobody_once_it_is_given"
            ),
        ),
    },
}
