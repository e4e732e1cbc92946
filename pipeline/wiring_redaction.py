"""Builds the personal-data finder from its policy file, for the commands that need nothing else."""

from pathlib import Path

from pipeline.adapters.redaction import PresidioFinder, build_finder
from pipeline.adapters.redaction.settings_yaml import load_redaction_policy
from pipeline.model.redaction import RedactionPolicy


def redaction_finder(config: Path) -> tuple[PresidioFinder, RedactionPolicy]:
    """The finder and the policy it follows. Raises: `pipeline.errors.ConfigurationError` for a wrong policy."""
    policy = load_redaction_policy(config)
    return build_finder(policy), policy
