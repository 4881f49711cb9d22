"""Connections: certificates and proxies."""

from __future__ import annotations

from pathlib import Path

import pytest
import urllib3

from mlgitops.errors import ForgeError
from mlgitops.forges.pool import open_pool

PROXY = "http://proxy.example.com:3128"


@pytest.mark.parametrize(
    ("url", "environment", "proxied"),
    [
        ("https://git.example.com", {}, False),
        ("https://git.example.com", {"HTTPS_PROXY": PROXY}, True),
        ("https://git.example.com", {"https_proxy": PROXY}, True),
        ("https://git.example.com", {"ALL_PROXY": PROXY}, True),
        ("https://git.example.com", {"HTTP_PROXY": PROXY}, False),
        ("https://git.example.com", {"HTTPS_PROXY": PROXY, "NO_PROXY": "other.com, .example.com"}, False),
        ("https://git.example.com", {"HTTPS_PROXY": PROXY, "NO_PROXY": "example.com"}, False),
        ("https://git.example.com", {"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, False),
        ("https://git.anexample.com", {"HTTPS_PROXY": PROXY, "NO_PROXY": "example.com"}, True),
        ("http://127.0.0.1:3000", {"HTTP_PROXY": PROXY}, False),
    ],
)
def test_the_proxy_is_that_of_the_environment(url: str, environment: dict[str, str], proxied: bool) -> None:
    assert isinstance(open_pool(url, environment), urllib3.ProxyManager) is proxied


def test_certificates_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ForgeError, match="SSL_CERT_FILE cannot be read"):
        open_pool("https://git.example.com", {"SSL_CERT_FILE": str(tmp_path / "missing.pem")})
    (tmp_path / "broken.pem").write_text("no certificate")
    with pytest.raises(ForgeError, match="SSL_CERT_FILE cannot be read"):
        open_pool("https://git.example.com", {"SSL_CERT_FILE": str(tmp_path / "broken.pem")})
