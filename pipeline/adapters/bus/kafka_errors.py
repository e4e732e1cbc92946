"""What Kafka's errors mean here."""

from collections.abc import Iterator
from contextlib import contextmanager

from kafka import errors

from callwarden.errors import ConfigurationError, InvalidMessageError, InvariantError, RetryableError
from callwarden.model.outcome import Reason

_CONFIGURATION = (
    errors.AuthorizationError,
    errors.IllegalSaslStateError,
    errors.InvalidGroupIdError,
    errors.InvalidReplicationFactorError,
    errors.InvalidSessionTimeoutError,
    errors.InvalidTopicError,
    errors.KafkaConfigurationError,
    errors.PolicyViolationError,
    errors.SaslAuthenticationFailedError,
    errors.SecurityDisabledError,
    errors.UnsupportedSaslMechanismError,
    errors.UnsupportedVersionError,
)
"""A person has to change something; trying again changes nothing."""

_INVARIANT = (
    errors.IllegalArgumentError,
    errors.IllegalStateError,
    errors.LogTruncationError,
)
"""Acknowledged messages that are gone, or a fault of this program. (What cannot be unpacked: `kafka_unreadable`.)"""


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turns kafka-python's errors into the three fates. What is not known as final is worth another try."""
    try:
        yield
    except errors.FencedInstanceIdError as error:
        raise ConfigurationError(
            f"Kafka: {doing}: another member of the group has the same group_instance_id; each needs its own"
        ) from error
    except (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError) as error:
        raise InvalidMessageError(
            Reason.NOT_AN_EVENT,
            detail="the broker refuses its size; set max.message.bytes of the topic to the bus's limit",
        ) from error
    except _CONFIGURATION as error:
        raise ConfigurationError(f"Kafka: {doing}: {_named(error)}") from error
    except _INVARIANT as error:
        raise InvariantError(f"Kafka: {doing}: {_named(error)}") from error
    except (errors.KafkaError, OSError) as error:
        raise RetryableError(f"Kafka: {doing}: {_named(error)}", part="bus") from error


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
