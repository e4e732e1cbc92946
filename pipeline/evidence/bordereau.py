"""The bordereau: the list of exhibits a French court or the police is handed, as one page to print that needs nothing
else."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, Final
from zoneinfo import ZoneInfo

from callwarden.evidence.manifest import MANIFEST, Contents, PackedFile, PackedRecording
from callwarden.evidence.query import in_french, line_in_french

BORDEREAU: Final = "bordereau.html"
_STYLE: Final = """
body { font: 11pt/1.45 serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100%; margin: .75rem 0 }
th, td { border: 1px solid #767676; padding: .3rem .5rem; text-align: left; vertical-align: top }
td { overflow-wrap: anywhere }
code { overflow-wrap: anywhere; font-size: .85em }
.signature { margin-top: 3rem; height: 5rem }
@media print { body { margin: 0 } tr { break-inside: avoid } thead { display: table-header-group } }
"""
_KINDS: Final = {
    "original-audio": "enregistrement sonore d'origine",
    "original-transcript": "transcription",
    "redacted-transcript": "transcription masquée",
    "metadata": "description de l'appel",
    "custody": "chaîne de conservation",
}
REASONS: Final[Mapping[str, str]] = {
    "testing_not_open": "aucun essai sur des appels réels n'est ouvert",
    "not_included": "aucune expérimentation approuvée ne le comprend",
    "break_glass_needed": "ne s'ouvre qu'en urgence, avec l'accord d'une seconde personne",
    "past_retention": "sa durée de conservation est écoulée",
    "held_for_dispute_only": "conservé pour un litige seulement",
    "objected": "le correspondant s'y est opposé",
    "restricted": "traitement limité à la demande de la personne",
    "quarantined": "mis à part, non encore examiné",
    "not_quarantined": "n'est plus mis à part",
    "objection_unreadable": "l'opposition du correspondant n'a pas pu être lue",
    "objection_unknown": "on ignore si le correspondant s'est opposé",
    "row_altered": "sa fiche a été modifiée en dehors du système : rien n'en est cru",
    "redaction_incomplete": "son masquage n'est pas achevé",
    "future_time": "daté dans le futur",
    "range_not_satisfiable": "n'a pas la partie demandée",
    "disposed": "détruit",
    "key_missing": "sa clé manque : il ne peut pas être ouvert",
    "unknown": "mis à part, non encore examiné",
}
"""Why one recording is not handed over, by the code of its refusal."""


def bordereau(contents: Contents, *, zone: ZoneInfo, key: str, lines: Mapping[str, str]) -> bytes:
    """The page. `key` is the public key the manifest is signed under, as a line of text; `lines` has the names of those
    lines that have one in French."""
    told = contents.disclosure
    facts = [
        ("Dossier", contents.case_id),
        ("Établi le", _at(contents.made_at, zone)),
        ("Heures", f"{zone.key}, avec l'écart à UTC"),
        ("Établi par", contents.made_by),
        ("Destinataire", None if told is None else told.recipient),
        ("Fondement ou réquisition", None if told is None else told.basis),
        ("Communication n°", None if told is None else told.disclosure_id),
    ]
    counts = (
        f"{_many(len(contents.recordings), 'enregistrement')} dans ce dossier de preuve, "
        f"{_many(len(contents.left_out), 'non communiqué')}, {len(contents.gone)} déjà "
        f"{'détruits' if len(contents.gone) > 1 else 'détruit'}"
    )
    head = (
        "<!doctype html><html lang=fr><meta charset=utf-8><title>Bordereau de pièces</title>"
        f"<style>{_STYLE}</style><h1>Bordereau de pièces</h1>"
    )
    verification = (
        "<h2>Vérification</h2>"
        f"<p>Chaque fichier figure avec son empreinte SHA-256 dans <code>{MANIFEST}</code>, signé. "
        f"{_many(contents.log_entries, 'inscription')} du journal des accès, avec leur preuve"
        f"{_others(contents.other_cases_entries)}. "
        "La commande <code>callwarden hold verify-pack DOSSIER --public-key CLÉ</code> contrôle l'ensemble hors ligne. "
        "Clé publique de signature, à comparer avec celle que l'entreprise a publiée&nbsp;:<br>"
        f"<code>{escape(key)}</code></p>"
        "<p>Date, nom et signature&nbsp;:</p><div class=signature></div></html>\n"
    )
    parts = [
        head,
        _table(None, [(name, value) for name, value in facts if value is not None]),
        f"<p>{escape(counts)}.</p><h2>Demande</h2>",
        _query(contents, zone, lines),
        "<h2>Pièces</h2>",
        _exhibits(contents.recordings, zone, lines),
        _rest(contents),
        verification,
    ]
    return "".join(parts).encode()


def _exhibits(recordings: Sequence[PackedRecording], zone: ZoneInfo, lines: Mapping[str, str]) -> str:
    rows = []
    for number, one in enumerate(recordings, 1):
        when = f"{_at(one.started_at, zone)} – {_at(one.ended_at, zone)}"
        chain = "intacte" if one.unbroken else "rompue"
        line = line_in_french(one.line, lines)
        place = f"branche {one.leg}, segment {one.segment}"
        about = f"{escape(one.call_id)}<br>{escape(place)}<br>{escape(line)}<br>{escape(when)}<br>conservation {chain}"
        if one.audio_ended is not None:
            about += f"<br>son détruit au terme de sa durée, certificat {escape(one.audio_ended)}"
        rows.append(f"<tr><td>{number}</td><td>{about}</td><td>{_file_list(one.files)}</td></tr>")
    head = (
        "<thead><tr><th scope=col>N°</th><th scope=col>Appel</th><th scope=col>Fichiers et empreintes</th></tr></thead>"
    )
    return f"<table>{head}<tbody>{''.join(rows)}</tbody></table>" if rows else "<p>Aucune.</p>"


def _file_list(files: Iterable[PackedFile]) -> str:
    said = []
    for file in files:
        kind = file.name.rsplit("/", 1)[-1].partition(".")[0]
        words = _KINDS.get(kind, "appel au format vCon")
        said.append(f"{escape(words)}, {file.size} octets<br><code>{escape(file.name)}<br>{file.sha256}</code>")
    return "<br>".join(said)


def _query(contents: Contents, zone: ZoneInfo, lines: Mapping[str, str]) -> str:
    return _table(
        ("Critères", "Demandé le", "Trouvés alors"),
        [(in_french(one, zone, lines), _said_at(one["placed_at"], zone), _found(one)) for one in contents.query],
    )


def _said_at(text: str | None, zone: ZoneInfo) -> str:
    return "" if text is None else _at(datetime.fromisoformat(text), zone)


def _found(query: Mapping[str, Any]) -> str:
    kept = query["of_recordings_then"]
    return str(query["matched_then"]) + ("" if kept is None else f" sur {kept}")


def _rest(contents: Contents) -> str:
    parts = []
    if contents.left_out:
        rows = [(name, ", ".join(REASONS.get(one, one) for one in why)) for name, why in contents.left_out.items()]
        parts.append("<h2>Conservés, non communiqués</h2>" + _table(("Enregistrement", "Motif"), rows))
    if contents.gone:
        gone = [(one.recording_id, ", ".join(one.certificates) or "sans certificat") for one in contents.gone]
        parts.append("<h2>Détruits avant la demande</h2>" + _table(("Enregistrement", "Certificats (SHA-256)"), gone))
    return "".join(parts)


def _table(head: Sequence[str] | None, rows: Iterable[Sequence[object]]) -> str:
    top = "" if head is None else "".join(f"<th scope=col>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{top}</tr></thead>' if top else ''}<tbody>{body}</tbody></table>"


def _others(count: int) -> str:
    return f" (hors {_many(count, 'inscription')} nommant un autre dossier)" if count else ""


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count > 1 else ''}"


def _at(at: datetime | None, zone: ZoneInfo) -> str:
    return "heure inconnue" if at is None else f"{at.astimezone(zone):%d/%m/%Y %H:%M:%S (UTC%z)}"
