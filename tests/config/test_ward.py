"""What is said about the configuration of a ward's hub."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

import config
from config.check import SettingsError, read_any, read_settings, read_ward_settings
from config.settings import HouseSettings
from config.ward import WardSettings

EXAMPLE = Path(config.__file__).parent / "ward.example.toml"
HOUSE = '[house]\nname = "Nhà văn hóa"\nward = "Phường"\n'
WARD = '[ward]\nname = "Phường Mẫu"\n'
DATABASE = '[storage]\nurl = "postgresql://hub@db.example/hub"\npassword_file = "secret"\n'


def write(folder: Path, text: str) -> Path:
    file = folder / "ward.toml"
    file.write_text(text, encoding="utf-8")
    return file


def found(
    folder: Path, text: str, environ: Mapping[str, str] | None = None
) -> list[tuple[int | None, str, str]]:
    with pytest.raises(SettingsError) as refused:
        read_any(write(folder, text), environ or {})
    assert "s3cret" not in repr(refused.value.problems)
    return [(p.line, p.key, p.cause.code) for p in refused.value.problems]


def secret(folder: Path, text: str = "s3cret") -> Path:
    file = folder / "secret"
    file.write_text(text)
    file.chmod(0o600)
    return file


def test_the_table_tells_which_kind_of_file_it_is(tmp_path: Path) -> None:
    ward = read_any(write(tmp_path, WARD), {})
    assert isinstance(ward, WardSettings)
    assert (ward.web.port, ward.database()) == (8090, ward.data / "ward.db")
    assert isinstance(read_any(write(tmp_path, HOUSE), {}), HouseSettings)


def test_the_password_of_the_database_comes_from_its_file(tmp_path: Path) -> None:
    secret(tmp_path, "a/b@c:d\n")
    settings = read_ward_settings(write(tmp_path, WARD + DATABASE), {})
    assert settings.database() == "postgresql://hub:a%2Fb%40c%3Ad@db.example/hub"


def test_a_database_without_a_password(tmp_path: Path) -> None:
    text = WARD + '[storage]\nurl = "postgresql://db.example:5433/hub?sslmode=require"\n'
    settings = read_ward_settings(write(tmp_path, text), {})
    assert settings.database() == "postgresql://db.example:5433/hub?sslmode=require"


@pytest.mark.parametrize(
    ("rest", "problem"),
    [
        ("[web]\nport = 0\n", (4, "web.port", "config.too_small")),
        ("[wbe]\n", (3, "wbe", "config.did_you_mean")),
        ('[storage]\nurl = "mysql://x/y"\n', (4, "storage.url", "config.database_url")),
        (
            '[storage]\nurl = "postgresql://u:s3cret@h/d"\n',
            (4, "storage.url", "config.database_url"),
        ),
        ('[peers]\nhost = "0.0.0.0"\n', (4, "peers.host", "config.peers_host")),
        ('[web]\nproxies = ["gate"]\n', (4, "web.proxies[0]", "config.network")),
        (
            '[media_server]\nwhip_url = "https://m.example/whip"\nwhep_url = "https://m/{stream}"\n',
            (4, "media_server.whip_url", "config.stream_url"),
        ),
        (
            '[media_server]\nwhip_url = "https://m.example/{stream}"\n'
            'whep_url = "https://m.example/{stream}"\nwatch_token_file = "none"\n',
            (6, "media_server.watch_token_file", "config.password_file_missing"),
        ),
        (DATABASE, (5, "storage.password_file", "config.password_file_missing")),
        (
            '[turn]\nurls = ["http://x"]\nsecret_file = "secret"\n',
            (4, "turn.urls[0]", "config.turn_url"),
        ),
        (
            '[turn]\nurls = ["turn:t.example"]\nsecret_file = "none"\n',
            (5, "turn.secret_file", "config.password_file_missing"),
        ),
    ],
)
def test_each_mistake_with_its_line(
    tmp_path: Path, rest: str, problem: tuple[int, str, str]
) -> None:
    assert found(tmp_path, WARD + rest) == [problem]


def test_parts_that_do_not_fit_together(tmp_path: Path) -> None:
    secret(tmp_path)
    alone = '[storage]\npassword_file = "secret"\n'
    assert found(tmp_path, WARD + alone) == [(3, "storage.url", "config.missing")]
    nowhere = '[turn]\nurls = []\nsecret_file = "secret"\n'
    assert found(tmp_path, WARD + nowhere) == [(4, "turn.urls", "config.empty")]


class TestLink:
    TEXT = HOUSE + '[link]\nurl = "https://hop.example"\nhouse = "to-5"\nkey_file = "secret"\n'

    def test_a_house_that_dials_out(self, tmp_path: Path) -> None:
        key = secret(tmp_path)
        link = read_settings(write(tmp_path, self.TEXT), {}).link
        assert link is not None
        assert (link.url, link.house, link.key_file) == ("https://hop.example", "to-5", key)

    def test_a_key_that_everybody_can_read(self, tmp_path: Path) -> None:
        secret(tmp_path).chmod(0o644)
        problem = (7, "link.key_file", "config.password_file_open")
        assert found(tmp_path, self.TEXT) == [problem]

    def test_an_address_with_a_path(self, tmp_path: Path) -> None:
        secret(tmp_path)
        text = self.TEXT.replace("hop.example", "hop.example/link")
        assert found(tmp_path, text) == [(5, "link.url", "config.public_url")]


class TestExample:
    def test_it_can_be_used_as_it_stands(self) -> None:
        assert isinstance(read_any(EXAMPLE, {}), WardSettings)

    def test_it_shows_the_defaults_that_hold(self) -> None:
        """Every line "#name = value" says what holds without it."""
        text = re.sub(r"^#(\w+ = )", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE)
        assert WardSettings.model_validate(tomllib.loads(text)) == read_any(EXAMPLE, {})

    def test_it_explains_every_key(self) -> None:
        text = EXAMPLE.read_text()
        shown = set(re.findall(r"^#? *(\w+) = ", text, flags=re.MULTILINE))
        shown |= set(
            re.findall(
                r"^(?:#   )?\[+(?:(?:feedback|mail|open311|privacy)\.)?(\w+)\]+",
                text,
                flags=re.MULTILINE,
            )
        )
        assert keys_of(WardSettings) - shown == set()


def keys_of(annotation: object) -> set[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields
        return set(fields).union(*(keys_of(field.annotation) for field in fields.values()))
    inner = getattr(annotation, "__args__", ())
    return set().union(*(keys_of(argument) for argument in inner))


class TestMail:
    TEXT = (
        '[mail]\naddress = "hop@phuong.example"\nhost = "imap.example"\nuser = "hop"\n'
        'password_file = "secret"\nsince = 2026-12-01\n[mail.smtp]\nhost = "smtp.example"\n'
    )

    def test_a_mailbox(self, tmp_path: Path) -> None:
        secret(tmp_path)
        houses = '[mail.houses]\n"to5@phuong.example" = "to-5"\n'
        mail = read_ward_settings(write(tmp_path, WARD + self.TEXT + houses), {}).mail
        assert mail is not None
        assert (mail.port, mail.security, mail.password()) == (993, "tls", "s3cret")
        assert mail.houses == {"to5@phuong.example": "to-5"}
        house = read_settings(write(tmp_path, HOUSE + self.TEXT), {})
        assert house.receivers() == ["hop@phuong.example"]

    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            ('"hop@phuong.example"', '"hop"', (4, "mail.address", "config.mailbox")),
            ("since = 2026-12-01\n", "", (3, "mail.since", "config.missing")),
            ('"imap.example"', '"imaps://x"', (5, "mail.host", "config.host")),
            (
                "[mail.smtp]\n",
                '[mail.smtp]\nsecurity = "none"\n',
                (10, "mail.smtp.security", "config.not_encrypted"),
            ),
            (
                "[mail.smtp]\n",
                'done_folder = "INBOX"\n[mail.smtp]\n',
                (9, "mail.done_folder", "config.same_folder"),
            ),
            ('"secret"', '"none"', (7, "mail.password_file", "config.password_file_missing")),
        ],
    )
    def test_each_mistake(
        self, tmp_path: Path, old: str, new: str, problem: tuple[int, str, str]
    ) -> None:
        secret(tmp_path)
        assert found(tmp_path, WARD + self.TEXT.replace(old, new)) == [problem]

    def test_a_server_on_this_machine_needs_no_encryption(self, tmp_path: Path) -> None:
        secret(tmp_path)
        here = self.TEXT.replace("imap.example", "127.0.0.1").replace("smtp.example", "localhost")
        text = here.replace("[mail.smtp]\n", 'security = "none"\n[mail.smtp]\nsecurity = "none"\n')
        assert read_ward_settings(write(tmp_path, WARD + text), {}).mail is not None
