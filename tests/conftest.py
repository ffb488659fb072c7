from hypothesis import HealthCheck, settings

from tests.integration.s3 import bucket, s3_server

__all__ = ["bucket", "s3_server"]  # fixtures for every test

# How long an example takes says something about the machine, which may be busy, and nothing about the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names a test by its bytes' argument, not by the bytes: what was packed or drawn in a test holds the time of day, and
    two workers that collect in different seconds have to collect the same names."""
    return argname if isinstance(val, bytes) else None
