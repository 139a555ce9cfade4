"""Answers to a camera's challenge, against the examples of the RFCs."""

import base64

import pytest

from devices.rtp import login
from devices.rtp.login import authorization, strongest

REALM = 'realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'  # noqa: E501


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm, response, monkeypatch):
    client = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    monkeypatch.setattr(login.secrets, "token_hex", lambda _: client)
    challenge = strongest([f"Digest {REALM}, algorithm={algorithm}"])
    said = authorization(challenge, "Mufasa", "Circle of Life", "GET", "/dir/index.html")
    assert f'response="{response}"' in said
    assert "qop=auth, nc=00000001" in said
    assert 'opaque="FQhe' in said
    assert "nc=00000002" in authorization(challenge, "Mufasa", "", "GET", "/")


def test_the_form_without_qop_that_most_cameras_ask_for():
    """RFC 2069, section 2.4, with its erratum 749."""
    challenge = strongest(
        ['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"']
    )
    said = authorization(challenge, "Mufasa", "CircleOfLife", "GET", "/dir/index.html")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in said
    assert "qop" not in said
    assert "algorithm" not in said


def test_basic_only_where_nothing_better_is_asked_for_and_the_password_may_be_told():
    both = ['Basic realm="cam"', 'Digest realm="cam", nonce="1"']
    assert strongest(both).scheme == "md5"
    assert strongest(["Basic realm=cam, Digest realm=cam, nonce=1"]).scheme == "md5"
    assert strongest(both[:1], plain=False) is None
    said = authorization(strongest(both[:1]), "xem", "bí mật:1", "DESCRIBE", "rtsp://a/")
    assert base64.b64decode(said.removeprefix("Basic ")).decode() == "xem:bí mật:1"


def test_the_strongest_is_taken_and_what_is_unknown_is_not():
    lines = [f'Digest realm="r", nonce="n", algorithm={kind}' for kind in ("MD5", "SHA-256", "X")]
    assert strongest(lines).scheme == "sha-256"
    assert strongest(['Digest realm="r", nonce="n", qop="auth-int"', "Bearer", ""]) is None


def test_quotes_in_names_are_kept_apart():
    challenge = strongest([r'Digest realm="a \"b\", c", nonce="n", stale=TRUE'])
    assert (challenge.realm, challenge.stale) == ('a "b", c', True)
    assert r'username="x\"y"' in authorization(challenge, 'x"y', "", "PLAY", "u")
