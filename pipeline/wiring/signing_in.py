"""How people log in, by the settings: the parts of one system that know who somebody is."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from callwarden.errors import ConfigurationError
from callwarden.wiring.custody import Custody
from callwarden.wiring.part import part

if TYPE_CHECKING:
    from callwarden.custody.provider_sign_in import ProviderSignIn
    from callwarden.custody.repeats import Repeats
    from callwarden.custody.sessions import SessionKeeper
    from callwarden.custody.sign_in import SignIn
    from callwarden.custody.throttle import Throttle
    from callwarden.desks.people import PeopleDesk
    from callwarden.desks.sessions import SessionDesk
    from callwarden.desks.tokens import TokenDesk
    from callwarden.ports.passwords import Passwords
    from callwarden.rules.claims import ClaimMapping
    from callwarden.rules.sessions import Lasting
    from callwarden.settings import Settings


class SigningIn(Custody):
    """Passwords, sessions and tokens; see `Parts`."""

    @part
    def throttle(self) -> Throttle:
        from callwarden.custody.throttle import Throttle

        return Throttle(catalogue=self.catalogue, clock=self.clock, keys=self.keys)

    @part
    def repeats(self) -> Repeats:
        from callwarden.custody.repeats import Repeats

        return Repeats(catalogue=self.catalogue, clock=self.clock, keys=self.keys)

    @part
    def sessions(self) -> SessionKeeper:
        from callwarden.custody.sessions import SessionKeeper

        return SessionKeeper(
            catalogue=self.catalogue,
            clock=self.clock,
            scribe=self.scribe,
            throttle=self.throttle,
            lasting=lasting(self.settings),
            origins=frozenset({origin(self.settings)}),
        )

    @part
    def passwords(self) -> Passwords:
        from callwarden.adapters.passwords import Argon2Passwords

        return Argon2Passwords()

    @part
    def sign_in(self) -> SignIn:
        from callwarden.custody.sign_in import SignIn

        return SignIn(
            catalogue=self.catalogue,
            clock=self.clock,
            keys=self.keys,
            scribe=self.scribe,
            passwords=self.passwords,
            throttle=self.throttle,
            sessions=self.sessions,
        )

    @part
    def provider(self) -> ProviderSignIn | None:
        """Where people log in instead of here; None where nothing is set. Raises ConfigurationError."""
        from callwarden.adapters.identity import OidcProvider
        from callwarden.custody.provider_sign_in import ProviderSignIn

        settings = self.settings
        if settings.oidc_issuer is None:
            return None
        if settings.oidc_client_id is None or not settings.oidc_roles:
            raise ConfigurationError(
                "CALLWARDEN_OIDC_ISSUER is set: set CALLWARDEN_OIDC_CLIENT_ID, and CALLWARDEN_OIDC_ROLES to value=role"
            )
        secret = settings.oidc_client_secret
        provider = OidcProvider(
            issuer=settings.oidc_issuer.whole,
            client_id=settings.oidc_client_id,
            client_secret=None if secret is None else secret.get_secret_value(),
            scopes=settings.oidc_scopes,
            clock=self.clock,
            ca_bundle=settings.oidc_ca_bundle,
        )
        return ProviderSignIn(
            provider=provider, sign_in=self.sign_in, mapping=claim_mapping(settings), origin=origin(settings)
        )

    @part
    def people_desk(self) -> PeopleDesk:
        from callwarden.desks.people import PeopleDesk

        return PeopleDesk(acts=self.acts, clock=self.clock, sign_in=self.sign_in, lines=frozenset(self.policy.lines))

    @part
    def session_desk(self) -> SessionDesk:
        from callwarden.desks.sessions import SessionDesk

        return SessionDesk(acts=self.acts, clock=self.clock, sign_in=self.sign_in, log=self.log_reader)

    @part
    def token_desk(self) -> TokenDesk:
        from callwarden.desks.tokens import TokenDesk

        return TokenDesk(acts=self.acts, clock=self.clock, keys=self.keys, lines=frozenset(self.policy.lines))


def lasting(settings: Settings) -> Lasting:
    """How long a session lasts."""
    from callwarden.rules.sessions import Lasting

    return Lasting(
        idle=timedelta(seconds=settings.login_idle_s),
        altogether=timedelta(seconds=settings.login_lasts_s),
        purpose=timedelta(seconds=settings.purpose_lasts_s),
    )


def origin(settings: Settings) -> str:
    """How people are recognised: by password, or by this provider and mapping."""
    from callwarden.custody.sign_in import BY_PASSWORD

    if settings.oidc_issuer is None:
        return BY_PASSWORD
    said = repr((settings.oidc_issuer.whole, settings.oidc_client_id, claim_mapping(settings)))
    return f"oidc-{sha256(said.encode()).hexdigest()[:16]}"


def claim_mapping(settings: Settings) -> ClaimMapping:
    """What the provider's claims say here. Raises ConfigurationError."""
    from callwarden.model.access import MACHINES, Role
    from callwarden.rules.claims import ClaimMapping

    roles = []
    for pair in settings.oidc_roles:
        value, equals, name = pair.rpartition("=")
        if not equals or name not in set(Role) or Role(name) in MACHINES:
            people = ", ".join(role for role in Role if role not in MACHINES)
            raise ConfigurationError(f"CALLWARDEN_OIDC_ROLES: {pair!r} is not value=role; the roles are {people}")
        roles.append((value, Role(name)))
    return ClaimMapping(
        name=settings.oidc_name_claim,
        roles_claim=settings.oidc_roles_claim,
        roles=tuple(roles),
        lines=settings.oidc_lines_claim,
        agents=settings.oidc_agents_claim,
        agent_id=settings.oidc_agent_id_claim,
    )
