"""Writes what is said about the settings from `callwarden.settings.Settings` itself.

`python -m tests.deploy.settings_page` renews the table in docs/operators.md and the second part of
config/settings.example.env; a test tells when they are out of date.
"""

from pathlib import Path

from pydantic.fields import FieldInfo

from callwarden.settings import Settings

ROOT = Path(__file__).parents[2]
OPERATORS = ROOT / "docs" / "operators.md"
EXAMPLE = ROOT / "config" / "settings.example.env"
_BEGIN, _END = "<!-- settings: written by tests/deploy/settings_page.py -->", "<!-- end of settings -->"
_EXAMPLE_BEGIN = "# --- every setting of callwarden (written by tests/deploy/settings_page.py) ---"

MEANINGS = {
    "kafka_security_protocol": "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
    "kafka_ssl_cafile": "PEM file of the authority that signed the brokers' certificates",
    "kafka_ssl_certfile": "PEM file of our own certificate, where brokers ask for one",
    "kafka_ssl_keyfile": "PEM file of its private key",
    "kafka_sasl_mechanism": "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
    "kafka_sasl_username": "who we are to the brokers",
    "kafka_sasl_password": "secret",
    "s3_region": "must be listed in the policy's storage_regions",
    "s3_access_key": "secret; unset for boto3's own chain (instance role, profile)",
    "s3_secret_key": "secret",
    "kms_endpoint": "unset for Amazon's own",
    "kms_access_key": "secret; unset for boto3's own chain, or for S3's where the KMS has nothing of its own",
    "kms_secret_key": "secret",
    "kms_master_alias": "the KMS key that wraps every recording's data key",
    "kms_pseudonym_alias": "the KMS key (HMAC) that makes pseudonyms",
    "threads": "uploads and erasures at once in one process",
    "sweep_every_s": "seconds between two sweeps of `work dispose`",
    "checkpoint_every_s": "seconds between two signed checkpoints of the access log",
}
"""For settings whose description says nothing yet. A setting with neither fails the test."""


def meaning(name: str, field: FieldInfo) -> str:
    """What a setting means. Raises KeyError when nobody has said it."""
    return field.description or MEANINGS[name]


def default(field: FieldInfo) -> str:
    """Its default as one would write it in the environment; empty for unset."""
    value = field.default
    if value is None or value == ():
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(getattr(value, "value", value))


def table() -> str:
    """The table of docs/operators.md."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        shown = f"`{default(field)}`" if default(field) else ""
        lines.append(f"| `CALLWARDEN_{name.upper()}` | {shown} | {meaning(name, field)} |")
    return "\n".join(lines)


def example() -> str:
    """The second part of config/settings.example.env."""
    lines = [_EXAMPLE_BEGIN, "# Each is shown with its default; take the # away to change it.", ""]
    for name, field in Settings.model_fields.items():
        lines += [f"# {meaning(name, field)}", f"# CALLWARDEN_{name.upper()}={default(field)}"]
    return "\n".join(lines) + "\n"


def renewed_operators(text: str) -> str:
    """docs/operators.md with the table as it should be."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{table()}\n\n{_END}{after}"


def renewed_example(text: str) -> str:
    """config/settings.example.env with its second part as it should be."""
    before, _, _ = text.partition(_EXAMPLE_BEGIN)
    return before + example()


if __name__ == "__main__":
    OPERATORS.write_text(renewed_operators(OPERATORS.read_text()))
    EXAMPLE.write_text(renewed_example(EXAMPLE.read_text()))
