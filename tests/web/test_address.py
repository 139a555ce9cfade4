import pytest

from web.address import local_url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::", "http://[::1]:8080"),
        ("fd00::2", "http://[fd00::2]:8080"),
        ("nhavanhoa.example", "http://nhavanhoa.example:8080"),
    ],
)
def test_a_house_finds_its_own_server_wherever_it_listens(host, url):
    assert local_url(host, 8080) == url
