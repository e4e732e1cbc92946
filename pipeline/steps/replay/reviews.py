"""Notes, evaluations and courses: what was made of calls since the backup is there again, what ended has ended (K6)."""

from callwarden.custody.recording_texts import RecordingTexts
from callwarden.model.act import CourseRemoved, EvaluationEnded, EvaluationMade, NoteRemoved, NotReplayed
from callwarden.model.review import Course, Note, evaluation_of
from callwarden.ports.catalogue import Transaction
from callwarden.steps.replay.altered import not_upon_an_altered_row


def note(act: Note, tx: Transaction) -> bool | NotReplayed:
    """Without the key of its recording there is nothing to bring back: its words are sealed under that (K1). It is gone
    with a recording that is destroyed, and of one that came in after the backup, for good."""
    known = next(iter(tx.notes.get([act.note_id])), None)
    if known is not None and known.altered:
        return not_upon_an_altered_row(act)
    if known == act or act.recording_id not in tx.keys.get([act.recording_id]):
        return False
    tx.notes.save(act)
    return True


def note_removed(act: NoteRemoved, tx: Transaction) -> bool:
    found = tx.notes.get([act.note_id])
    tx.notes.remove([each.note_id for each in found])
    return bool(found)


def evaluation(act: EvaluationMade, tx: Transaction, texts: RecordingTexts) -> bool | NotReplayed:
    """What it says is sealed under its recording's key; once that is gone the journal says nothing of it any more."""
    known = tx.evaluations.get(act.evaluation_id, lock=True)
    if known is not None and known.altered:
        return not_upon_an_altered_row(act)
    key = tx.keys.get([act.recording_id]).get(act.recording_id)
    text = None if key is None else texts.open(act.sealed, key, of=f"evaluation:{act.evaluation_id}")
    if text is None:
        return False
    made = evaluation_of(act.evaluation_id, act.recording_id, text)
    if known == made:
        return False
    tx.evaluations.save(made)
    return True


def evaluation_ended(act: EvaluationEnded, tx: Transaction) -> bool:
    known = tx.evaluations.get(act.evaluation_id, lock=True)
    tx.evaluations.remove([act.evaluation_id])
    return known is not None


def course(act: Course | CourseRemoved, tx: Transaction) -> bool | NotReplayed:
    known = tx.courses.get(act.course_id, lock=True)
    if isinstance(act, CourseRemoved):
        tx.courses.remove(act.course_id)
        return known is not None
    if known is not None and known.altered:
        return not_upon_an_altered_row(act)
    if known == act:
        return False
    tx.courses.save(act)
    return True
