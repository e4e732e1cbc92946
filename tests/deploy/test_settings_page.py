"""What the pages say about the settings is what the settings are."""

from callwarden.settings import Settings
from tests.deploy.settings_page import EXAMPLE, OPERATORS, meaning, renewed_example, renewed_operators


def test_every_setting_says_what_it_means() -> None:
    for name, field in Settings.model_fields.items():
        assert meaning(name, field)


def test_the_operators_table_of_settings_is_current() -> None:
    text = OPERATORS.read_text()
    assert text == renewed_operators(text), "run: python -m tests.deploy.settings_page"


def test_the_example_settings_are_current() -> None:
    text = EXAMPLE.read_text()
    assert text == renewed_example(text), "run: python -m tests.deploy.settings_page"
