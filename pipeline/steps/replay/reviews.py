"""Notes, evaluations and courses: what was made of calls since the backup is there again, what ended has ended (K6)."""

from callwarden.custody.recording_texts import RecordingTexts
from callwarden.model.act import CourseRemoved, EvaluationEnded, EvaluationMade, NoteRemoved, NotReplayed, name_of
from callwarden.model.ids import RecordingId
from callwarden.model.review import Course, Note, evaluation_of
from callwarden.ports.catalogue import Transaction, WrappedKey
from callwarden.steps.replay.altered import not_upon_an_altered_row


def note(act: Note, tx: Transaction) -> bool | NotReplayed:
    """Of a recording whose key is gone there is nothing to bring back: its words went with it (K1)."""
    known = next(iter(tx.notes.get([act.note_id])), None)
    if known is not None and known.altered:
        return not_upon_an_altered_row(act)
    key = _key(act.recording_id, act, tx)
    if not isinstance(key, WrappedKey):
        return key
    if known == act:
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
    key = _key(act.recording_id, act, tx)
    if not isinstance(key, WrappedKey):
        return key
    text = texts.open(act.sealed, key, of=f"evaluation:{act.evaluation_id}")
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


def _key(recording_id: RecordingId, act: Note | EvaluationMade, tx: Transaction) -> WrappedKey | bool | NotReplayed:
    """The key of what this is about; False once that is destroyed."""
    key = tx.keys.get([recording_id]).get(recording_id)
    if key is not None:
        return key
    if recording_id in tx.recordings.get([recording_id]):
        return False
    return NotReplayed(act=name_of(act), subject=recording_id, why="recording_unknown")
