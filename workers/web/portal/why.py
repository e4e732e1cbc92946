"""Why something was not done, as pages say it: by the code of a reason, or by what is in the words of a desk, which
name the options of commands."""

from collections.abc import Mapping
from typing import Final

REASON: Final[Mapping[str, str]] = {
    "not_permitted": "Your role may not do this, or not to what reaches other lines.",
    "unknown": "There is no such thing, or you may not see it.",
    "one_employee": "No figure is of one employee. Whoever may evaluate agents finds their evaluations there.",
    "knows_agents": "Figures are of whole lines, and you see the calls of some agents: taking those off would leave "
    "too few of the others’.",
    "same_person": "This takes two people: somebody else has to confirm it.",
    "changed_since": "Somebody else has changed this since you opened the page, which now shows what it says. Look, "
    "then do it again if it is still right.",
    "name_taken": "This name was used already, for a case that is open and says something else, or was released. "
    "Open a case under another name.",
    "too_many_to_hold": "This is more than one person alone may hold. Say why it may be so many; then somebody "
    "else confirms it.",
    "hold_on_everything": "This is everything there is: say which calls, by caller, line, days or more.",
    "row_altered": "Somebody changed this outside callwarden, so nothing of it is believed. Tell the operators.",
    "log_unavailable": "The access log could not be written, so nothing was done. Try again in a moment.",
    "identity_unverified": "Say first how you know who asks.",
    "not_found_yet": "Look first for what there is.",
    "undecided": "Decide about every item first.",
    "already_answered": "It has been answered: open a new request.",
    "not_previewed": "Preview the erasure first.",
    "preview_changed": "Something has changed since the preview: preview it again.",
    "not_approved": "Somebody else has to approve the preview first.",
    "unfinished": "What was granted is not done yet: approve it, or decide it, again to go on.",
    "too_late": "An extension is told inside the first month.",
    "already_extended": "A request is extended once.",
    "not_an_erasure": "This is for requests of erasure.",
    "not_a_restriction": "This is for requests of restriction.",
    "carried_out": "This item has been carried out already.",
    "nothing_restricted": "Nothing is restricted for it any more.",
    "not_a_rectification": "This is for requests of rectification.",
    "not_rectified": "Put right first what was granted.",
    "not_told": "Tell the person first, by the letter, or say how they were told.",
    "legitimate_interest": "These recordings rest on legitimate interest, and portability is of data given by "
    "consent or contract. Refuse it on that ground; the letter offers access in its place.",
    "quarantined": "The recording was set aside, and nobody has cleared it.",
    "redaction_incomplete": "Its redaction is not released.",
    "restricted": "The recording is restricted: it is stored only.",
    "key_missing": "The recording is there, and the key that opens it is not. Tell the operators.",
    "past_retention": "The recording's period is over.",
    "disposed": "The recording is destroyed.",
    "experiment_over": "The experiment is over: ask for another one.",
    "not_built": "The experiment is not built yet: build it first.",
    "nothing_to_export": "None of its items may be used any more.",
    "revoked_since": "Something of this copy may not be used any more: make another, and state that none of this one "
    "is left.",
    "busy": "Too much is being made at once. Try again in a few minutes.",
}
OTHERWISE: Final = "It cannot be done as it was asked for: look at what was filled in, or ask whoever runs this system."
"""Where nothing says why."""
USAGE: Final[Mapping[str, str]] = {
    "this policy is proposed already": "This policy is proposed already and waits for approval.",
    "another policy came into force since": "Another policy came into force since this was proposed: withdraw it, see "
    "what its policy would change now, and propose it again.",
    "was approved already, by a data protection officer, at {}": "It was approved already, by a data protection "
    "officer, at {0}: nothing was changed.",
    "was ended already, by its end, at {}": "It was ended already, by its end, at {0}: nothing was changed.",
    "was ended already, by whoever asked for it or a data protection officer, at {}": "It was ended already, by "
    "whoever asked for it or a data protection officer, at {0}: nothing was changed.",
    "this text is no policy": "This file is no policy: callwarden policy check FILE says what is wrong, and on which "
    "line.",
    "this policy is in force and changes nothing": "This policy is in force and changes nothing of what is stored.",
    "an experiment has a name": "An experiment has a name: letters without accents, digits and . _ -, such as "
    "silences-2026.",
    "could be a telephone number": "So many digits with nothing but signs between them could be a telephone number, "
    "and a name holds none: put letters between them, or leave some out.",
    "there is an experiment": "There is an experiment of this name already: give this one another.",
    "an experiment says what it is for": "Say what the experiment is for, in 1000 characters at most.",
    "--hypothesis is a text": "Say what is expected in 1000 characters at most.",
    "--dpia is a reference": "The reference of the impact assessment has 1000 characters at most.",
    "--owner is the account": "The owner is an account: small letters a to z, digits, dot and hyphen.",
    "--until lies in the past": "Its end lies in the past or is today: choose a day to come.",
    "before its first call": "It would end before its first call.",
    "carries the redacted text at least": "An item carries the redacted text at least.",
    "items carry": "Choose what items carry from those offered.",
    "a sample has 1 to": "A sample has 1 to 1,000,000 calls; left blank, all of them are taken.",
    "a seed is a whole number": "A seed is a whole number, and draws a sample: say its size, too.",
    "k is from": "k is from 2 to 1,000: a combination that only one item has points at a person.",
    "this is no certificate": "This is no certificate of apply-revocations.",
    "there is no such export": "There is no such export of this experiment.",
    "this certificate does not fit": "This certificate does not fit what was exported: apply the revocations to that "
    "folder again.",
    "names no list that was signed": "This certificate names no list that was signed here since the export: apply a "
    "new list.",
    "look at the clock there": "This certificate says an instant before its list was signed, or one still to come: "
    "look at the clock where it was applied, and apply the revocations again.",
    "say one of both": "Give the certificate, or say that no copy is left.",
    "is no telephone number": "This is no telephone number: write it as +33639980001 or 06 39 98 00 01.",
    "is more than a year ago": "This is more than a year ago: look at the day.",
    "is still to come": "This day is still to come: say when it came in.",
    "lies in the future": "The first day lies in the future: there is no such call.",
    "an evaluation has at least one score": "Give at least one score, from those offered.",
    "a moment begins before it ends": "A moment begins before it ends.",
    "the place ends before it begins": "The place ends before it begins.",
    "a moment is in seconds": "A moment is in seconds from the start of the call, such as 26.5.",
    "a moment lies within": "This moment lies beyond the end of the call.",
    "a title has": "Give a title, of 200 characters at most.",
    "a text has": "Write something, in 2000 characters at most.",
    "a course has": "A course has 200 moments at most: begin another one.",
    "weeks at once": "That is too many weeks at once: five years at most.",
    "no line {} of the policy": "No line of the policy is called {0}.",
    "did not say whose call": "The telephone system did not say whose call this was: nobody can be evaluated by it.",
    "is not an account name": "One of these names is no account name.",
    "nobody here is called {}: write": "Nobody here is called {0}. Write the names as they log in.",
    "no such purpose": "There is no such purpose: choose one of those offered.",
    "a purpose has to be chosen": "Choose first what you read this for.",
    "recordings at once:": "Ask for fewer calls: no more than the policy opens at once.",
    "testing.lasts": "Its end is too far away: choose a day as near as the policy asks for.",
    "testing on real calls needs a reason": "Say why synthetic calls will not do, in 1000 characters at most.",
    "only one that waits can be approved": "It does not wait any more: only one that waits can be approved.",
    "no recording of these days": "No call of these days and this line could be read, redacted, by who asked.",
    "nothing says whose call it was": "For this purpose nothing says whose call it was: look without an agent.",
    "an impossible range": "The last day lies before the first.",
    "a label is its name and its value": "A label is its name and its value, such as alarm_id=A-17.",
    "a label is written as": "A label is written as name=value, or name= to take it away.",
    "a day is written as": "A day is written as 2026-11-20.",
    "a case has a name and a reason": "A case has a name and a reason.",
    "not a telephone number": "A case has a name that is not a telephone number, such as DOSSIER-2026-014.",
    "is no department": "This is no department: write the seat of the court as 75, 2A or 974.",
    "is no collectivity overseas": "This is no collectivity overseas: write its number, such as 974.",
    "is no account": "One of these names is no account: small letters a to z, digits, dot and hyphen.",
    "a party stands under a word": "A party stands under a word of yours, not its name: small letters, digits and -.",
    "a party stands once": "A party stands once in a case.",
    "people: names nobody": "Name whose case it is: with nobody named it would be open to all of legal.",
    "say what has happened": "Say what has happened, and on which day.",
    "a disclosure names both": "A disclosure names both: who gets it, and by which right.",
    "holds nothing": "The case holds nothing yet: place calls first.",
    "the name typed to confirm": "The name typed to confirm is another one: type it as it stands above.",
    "say whose data": "Say whose data it is: a telephone number or a customer, and not both.",
    "say whose calls": "Say whose calls: a number, a customer or a call, and only one of them.",
    "say what is objected to": "Say what is objected to: tick at least one.",
    "say how you know who asks": "Say how you know who asks, in 1000 characters at most.",
    "say why it takes longer": "Say why it takes longer, in 1000 characters at most.",
    "say why it is refused": "Say why it is refused.",
    "say how the person was told": "Say how the person was told.",
    "say who is looked for": "Say who is looked for.",
    "refuses no": "This ground refuses no such request.",
    "a placeholder is written as": "A placeholder is written as rec-…:LOCATION_1.",
    "it was not extended": "It was not extended: take longer first.",
    "it is known who asks": "It is known who asks: this letter is not needed.",
    "there is nobody to tell": "There is nobody left to tell.",
    "wrong: ": "A field is missing, or what stands in it cannot be read.",
    "it was granted already": "It was granted already, and what it was about is gone.",
    "is in the future: only what": "This day is still to come: only what has happened is entered.",
    "is before the case can have begun": "This day lies before the case can have begun.",
    "is none of the parties": "This is none of the parties of the case: add it to them first, or write its word as "
    "it stands there.",
    "has somebody who had it served": "Only what is notified, and a summons, has somebody who had it served.",
    "only a desistment gives up": "Only a desistment gives up the instance or the action.",
    "only a decision is in last instance": "Only a decision is in last instance.",
    "is entered twice": "This is entered already.",
    "is before the summons of": "This day lies before the summons, with which the case began.",
    "is before the decision of": "This day lies before the decision it is about.",
    "there is no decision yet that could": "There is no such decision yet: enter the decision first.",
    "no appeal is open against": "No appeal is open against this decision: its way is cassation.",
    "there is no event": "There is no such event that counts.",
    "this release has been withdrawn": "The proposed release was taken back meanwhile: look at the case again.",
    "nothing is held by these criteria yet": "Nothing is held by these criteria yet: they wait for a second person.",
    "is not an id of anything in the log": "This is no id of anything in the log: ids are letters, digits and - _ . "
    ": /.",
    "needs a reason": "Say why.",
    "may read this without emergency access": "You may read this without emergency access: open the call.",
    "only a waiting request can be approved": "It waits no more: only a request that waits can be approved.",
    "unknown line": "The policy has no such line.",
    "the policy has no line": "The policy has no such line.",
    "say what to change": "Say what to change.",
    "a case is named by letters": "A case is named by letters a to z, with accents or without, digits and signs, "
    "such as DOSSIER-2026-014.",
    "a customer has an id": "A customer has an id, such as C-1029.",
    "it has no moment": "The course has no such moment.",
    "is blank": "A field holds only blanks.",
    "no question of the grid": "The grid has no such question.",
    "take one from a page": "This address leads to no place in the list: begin at its first page.",
    "begin without one": "This address leads to no place in the list: begin at its first page.",
    "a page is after a cursor or before one": "This address leads to no place in the list: begin at its first page.",
    "a page has 1 to": "This address leads to no place in the list: begin at its first page.",
    "a portion begins at a turn": "The call has no such turn.",
    "nobody can object to": "Nobody can object to this use.",
    "a call has an id": "Give the id of the call.",
    "is a recording's id: name its call": "This is the id of a recording: give that of its call.",
    "say how it was made": "Say how it was made, in 1000 characters at most.",
    "grant it, or refuse it on a ground": "Grant it, or choose the ground on which it is refused.",
    "objections to uses are honoured": "Objections to uses are honoured on every line: nothing is to be decided.",
    "a machine's role": "This is a machine’s role: nobody logs in with it.",
    "somebody has this name": "Somebody has this name.",
    "they log in at the identity provider": "They log in at the identity provider, which has their password.",
    "your password is not kept here": "Your password is not kept here.",
    "this password is not taken": "This password is not taken: choose several words that do not belong together, 15 "
    "to 128 characters, without your account’s name.",
    "say why it may be so many": "Say why it may be so many, in 1000 characters at most.",
    "recipients are told of what was rectified": "Recipients are told of what was rectified, erased or restricted.",
    "that is what it says already": "That is what it says already.",
    "{} s is after the end: this call lasted {} s by its event": "This place lies beyond the end of the call, which "
    "lasted {1} s.",
    "places are reported of this call": "Too many places of this call are reported: a person has to look at it.",
    "cannot be read": "A file cannot be read.",
    "the body came too slowly": "What was sent came too slowly, so nothing was done. Go back and send it again; where "
    "the connection is slow, with a smaller file.",
    "more than a form takes": "This is more than a form takes, 16 MB at most with its files: send less at once.",
    "a reason is told with a restriction": "A reason is told only with a restriction that will be lifted.",
    "the answer is written with its pack": "The answer is written with its pack: make the answer.",
    "recipients are told together": "Recipients are told together: make the letters to recipients.",
    "say why": "Say why, in 1000 characters at most.",
    "purposes are of an objection": "Uses are named only in an objection.",
    "callwarden webhook rotate begins it again": "It has ended: it begins again with a new secret.",
    "add it again to get a new secret": "It has ended: add it again to get a new secret.",
    "is no address to send to": "Nothing can be sent to this address.",
    "say what to tell": "Say what is to be told: tick at least one.",
    "which is the most: remove one": "There are as many webhooks as there can be: remove one.",
    "only a dead notice is sent again": "Only a notice that was given up is sent again by hand.",
    "exists already: name a new directory": "There is something of this name already.",
    "another process is writing this pack": "It is being made already: wait for it.",
    "say which original": "Say which original, and what for.",
    "a whole number": "A number is missing, or is no whole number.",
    "{}: one of {}": "Choose one of those offered.",
    "say which recording": "Say which recording.",
    "a time is written as": "A time is written as 2026-11-20T10:25.",
    "say which letter": "Say which letter.",
    "say which right it is": "Say which right it is.",
    "an instant is written with its offset": "An instant is written with its offset, such as "
    "2026-11-20T10:25:01+01:00.",
    "periods run from the pronouncement": "Periods run from the pronouncement in criminal cases only: enter a "
    "decision, then who was notified.",
    "the decision of {} was made on {}; one on an appeal has instance appeal": "A decision of that court was made on "
    "{1}: for one on an appeal, choose the court of appeal.",
    "there is no decision of the instance": "There is no decision of that court yet.",
    "the decision of {} is {} already": "The decision of {0} is entered so for this party already.",
    "no cassation was lodged against the decision of {} that could be": "No appeal in cassation is entered against "
    "the decision of {0}: enter it first.",
}
AWAITED: Final[Mapping[str, str]] = {
    "which kind of court it is before": "which kind of court it is before",
    "where {} resides; taken as in metropolitan France": "where {0} resides; taken as in metropolitan France until "
    "it is entered",
    "a person to compute it: {} ({}) has a code of civil procedure of its own": "a person to compute it: the place "
    "of number {1} has a code of civil procedure of its own",
    "who the parties are: each has ways": "who the parties are: each has ways of its own",
    "the signification of the decision of {} to {}, absent when it was pronounced": "the signification of the "
    "decision of {0} to {1}, absent when it was pronounced",
    "the notification of the decision of {} to {}": "the notification of the decision of {0} to {1}",
    "if there is none, its ways end on {} ({})": "if there is none, its ways end on {0} ({1})",
    "the decision of the court to which the case went back, quashed on {}": "the decision of the court to which the "
    "case went back, quashed on {0}",
    "the decision on the appeal of {} by {}": "the decision on the appeal of {0} by {1}",
    "the decision on the appeal of {}": "the decision on the appeal of {0}",
    "the decision on the cassation of {} by {}": "the decision on the cassation of {0} by {1}",
    "the decision on the cassation of {}": "the decision on the cassation of {0}",
    "it came late: the last day was {}": "it came late: the last day was {0}",
    "who the claimant is, who alone gives up the action (CPC 394): enter the summons with by, for the "
    "desistment of {} by {}": "who the claimant is, who alone gives up the action (CPC 394): "
    "enter the summons and who had it served, for "
    "the desistment of {0} by {1}",
    "the court, as the desistment of {} by {} ends nothing: it is of who lodged": "the court, as the desistment of "
    "{0} by {1} ends nothing: it is of who lodged an appeal or cassation (CPC 394), and falls when another party "
    "appeals after it (CPC 403)",
    "the decision of the court, as the desistment of {} by {} ends nothing: it is the claimant's act (CPC "
    "394), and the claimant is not known": "the decision of the court, as the desistment of {0} by {1} ends nothing: "
    "it is the claimant’s act (CPC 394), "
    "and the claimant is not known: enter the summons and who had it served",
    "the decision of the court, as the desistment of {} by {} ends nothing": "the decision of the court, as the "
    "desistment of {0} by {1} ends nothing: it is the claimant’s act (CPC 394), and {1} did not begin it",
    "whether the claim is brought again: the desistment of {} by {} ends the proceedings": "whether the claim is "
    "brought again: the desistment of {0} by {1} ends the proceedings, once accepted where it has to be (CPC "
    "395), and not the action (CPC 398), so that the calls may be asked for again; if it was of the action, enter "
    "that",
    "the decision of the court": "the decision of the court",
}
"""What the last day of the last way of appeal still waits for."""
