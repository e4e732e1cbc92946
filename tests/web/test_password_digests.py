"""How passwords are kept (Argon2id)."""

import time

from callwarden.adapters.passwords import Argon2Passwords


def test_a_password_is_kept_as_a_slow_digest_that_differs_each_time() -> None:
    passwords = Argon2Passwords()
    kept = passwords.digest("trois chevaux bleus")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.digest("trois chevaux bleus") != kept
    assert passwords.fits(kept, "trois chevaux bleus")
    assert not any(passwords.fits(kept, other) for other in ("Trois chevaux bleus", "trois chevaux bleus ", ""))
    assert not passwords.fits("no digest", "trois chevaux bleus")


def test_an_account_that_does_not_exist_takes_as_long_as_a_wrong_password() -> None:
    passwords = Argon2Passwords()
    kept = passwords.digest("trois chevaux bleus")

    def best_of(known: str | None) -> float:
        taken = []
        for _ in range(4):
            began = time.process_time()
            assert not passwords.fits(known, "not the password")
            taken.append(time.process_time() - began)
        return min(taken)

    assert 0.4 < best_of(None) / best_of(kept) < 2.5
