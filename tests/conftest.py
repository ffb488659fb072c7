from hypothesis import HealthCheck, settings

from tests.integration.s3 import bucket, s3_server

__all__ = ["bucket", "s3_server"]  # fixtures for every test

# How long an example takes says something about the machine, which may be busy, and nothing about the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
