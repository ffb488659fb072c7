"""S3's client before any server is asked."""

import pytest

from kbray.errors import ConfigError
from kbray.objects.client import client


def test_an_endpoint_that_is_no_address_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"s3_endpoint_url is 'nonsense', which is no address"):
        client("nonsense")
