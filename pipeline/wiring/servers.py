"""How the settings say servers are reached: Kafka, S3 and the KMS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from callwarden.adapters.aws import AwsSettings
from callwarden.settings import Settings
from callwarden.wiring.surroundings import proxies_to

if TYPE_CHECKING:
    from pydantic import SecretStr

    from callwarden.adapters.bus.settings import KafkaBusSettings
    from callwarden.model.service_url import ServiceUrl


def kafka(settings: Settings) -> KafkaBusSettings:
    """The brokers."""
    from callwarden.adapters.bus.settings import KafkaBusSettings, KafkaSecurity

    secret = settings.kafka_sasl_password
    return KafkaBusSettings(
        bootstrap=settings.kafka_bootstrap,
        session_timeout=settings.session_timeout,
        security=KafkaSecurity(
            security_protocol=settings.kafka_security_protocol,
            ssl_cafile=_text(settings.kafka_ssl_cafile),
            ssl_certfile=_text(settings.kafka_ssl_certfile),
            ssl_keyfile=_text(settings.kafka_ssl_keyfile),
            sasl_mechanism=settings.kafka_sasl_mechanism,
            sasl_plain_username=settings.kafka_sasl_username,
            sasl_plain_password=None if secret is None else secret.get_secret_value(),
        ),
        replication_factor=settings.kafka_replication_factor or -1,
    )


def s3(settings: Settings) -> AwsSettings:
    """The object store."""
    return _aws(
        settings,
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        access=settings.s3_access_key,
        secret=settings.s3_secret_key,
        ca_bundle=settings.s3_ca_bundle,
    )


def kms(settings: Settings) -> AwsSettings:
    """What the KMS has of its own, or else how S3 is signed in to: at Amazon's, both are one account's."""
    own = settings.kms_region, settings.kms_access_key, settings.kms_secret_key
    region, access, secret = own if any(own) else (settings.s3_region, settings.s3_access_key, settings.s3_secret_key)
    return _aws(
        settings,
        endpoint=settings.kms_endpoint,
        region=region,
        access=access,
        secret=secret,
        ca_bundle=settings.kms_ca_bundle,
    )


def _aws(
    settings: Settings,
    *,
    endpoint: ServiceUrl | None,
    region: str | None,
    access: SecretStr | None,
    secret: SecretStr | None,
    ca_bundle: Path | None,
) -> AwsSettings:
    return AwsSettings(
        endpoint_url=None if endpoint is None else endpoint.whole,
        region=region,
        access_key=None if access is None else access.get_secret_value(),
        secret_key=None if secret is None else secret.get_secret_value(),
        connections=settings.threads * 2 + 2,
        ca_bundle=_text(ca_bundle),
        proxies=proxies_to("amazonaws.com" if endpoint is None else endpoint.host, settings),
    )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
