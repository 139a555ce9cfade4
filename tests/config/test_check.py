"""What a technician is told about a configuration that cannot be used."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

import config
from config.check import Problem, SettingsError, read_settings
from config.settings import HouseSettings, RtspCamera, Webcam
from web.sentences import Language, say, sentences

EXAMPLE = Path(config.__file__).parent / "example.toml"
HOUSE = '[house]\nname = "Nhà văn hóa"\nward = "Phường"\n'
CAMERA = '[[cameras]]\nkind = "rtsp"\nid = "{id}"\nname = "{name}"\nurl = "rtsp://10.0.0.{n}/1"\n'


def problems(
    folder: Path, text: str, environ: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    file = folder / "house.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        read_settings(file, environ or {})
    for problem in refused.value.problems:
        languages: tuple[Language, ...] = ("vi", "en")
        for language in languages:
            sentence = sentences()[problem.cause.code]
            template = sentence.vi if language == "vi" else sentence.en
            assert template.format_map(dict(problem.cause.params)) == say(problem.cause, language)
    return refused.value.problems


def problem(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Problem:
    (only,) = problems(folder, text, environ)
    return only


def test_reads_a_house(tmp_path: Path) -> None:
    file = tmp_path / "house.toml"
    file.write_text(HOUSE + '[web]\nport = 9000\n[projector]\nkind = "pjlink"\nhost = "10.0.0.9"\n')
    settings = read_settings(file, {})
    assert settings.web.port == 9000
    assert settings.projector is not None
    assert settings.projector.host == "10.0.0.9"


@pytest.mark.parametrize(
    ("rest", "line", "key", "code"),
    [
        ("[web]\nport = 70000\n", 5, "web.port", "config.too_large"),
        ("[web]\nport = 0\n", 5, "web.port", "config.too_small"),
        ('[web]\n\nport = "eighty"\n', 6, "web.port", "config.whole_number"),
        ("[web]\nhost = 5\n", 5, "web.host", "config.text"),
        ('[web]\npublic_url = "nha.vn"\n', 5, "web.public_url", "config.public_url"),
        ('[web]\nbehind_proxy = "perhaps"\n', 5, "web.behind_proxy", "config.yes_no"),
        ("web = 5\n", 4, "house.web", "config.unknown_key"),
        ("[meeting]\nalone_minutes = 5.5\n", 5, "meeting.alone_minutes", "config.whole_number"),
        ('[projector]\nkind = "serial"\nhost = "x"\n', 5, "projector.kind", "config.choice"),
        ('[projector]\nkind = "pjlink"\n', 4, "projector.host", "config.missing"),
        (
            '[projector]\nkind = "pjlink"\nhost = "http://x/"\n',
            6,
            "projector.host",
            "config.host",
        ),
        (
            '[projector]\nkind = "pjlink"\nhost = "x"\ninput = "99"\n',
            7,
            "projector.input",
            "config.projector_input",
        ),
        ('[[cameras]]\nkind = "rtps"\n', 5, "cameras[0].kind", "config.choice"),
        ('[[cameras]]\nid = "camera"\n', 4, "cameras[0].kind", "config.missing"),
        ('[cameras]\nkind = "rtsp"\n', 4, "cameras", "config.list"),
        ("[screen]\ncommand = []\n", 5, "screen.command", "config.empty"),
        ("[screen]\ncommand = true\n", 5, "screen.command", "config.list"),
        ('[meeting]\npreset = "Sân khấu"\n', 5, "meeting.preset", "config.preset_without_camera"),
        (CAMERA.format(id="Camera 1", name="A", n=1), 6, "cameras[0].id", "config.identifier"),
        (CAMERA.format(id="hall", name="A", n=1), 6, "cameras[0].id", "config.reserved_id"),
        (CAMERA.format(id="a", name="A" * 81, n=1), 7, "cameras[0].name", "config.too_long"),
        (CAMERA.format(id="a", name="", n=1), 7, "cameras[0].name", "config.empty"),
    ],
)
def test_each_mistake_with_its_line(
    tmp_path: Path, rest: str, line: int, key: str, code: str
) -> None:
    found = problem(tmp_path, HOUSE + rest)
    assert (found.line, found.key, found.cause.code) == (line, key, code)
    assert found.file == str(tmp_path / "house.toml")


def test_says_what_was_found_and_what_is_allowed(tmp_path: Path) -> None:
    choice = problem(tmp_path, HOUSE + 'language = "fr"\n')
    assert say(choice.cause, "en") == "house.language is “fr”; it may only be: vi, en."
    limit = problem(tmp_path, HOUSE + "[web]\nport = 70000\n")
    assert say(limit.cause, "vi") == "web.port là 70000, nhưng chỉ được đến 65535."


def test_all_problems_at_once_in_order(tmp_path: Path) -> None:
    found = problems(tmp_path, '[house]\nnam = "X"\nward = "Y"\n[web]\nport = -1\nhots = "h"\n')
    assert [(p.line, p.key, p.cause.code) for p in found] == [
        (1, "house.name", "config.missing"),
        (2, "house.nam", "config.did_you_mean"),
        (5, "web.port", "config.too_small"),
        (6, "web.hots", "config.did_you_mean"),
    ]


@pytest.mark.parametrize(
    ("rest", "nearest"),
    [
        ("[wbe]\n", "web"),
        ('[[cameras]]\nkind = "rtsp"\nid = "a"\nname = "A"\nurl = "rtsp://a"\nusr = "x"\n', "user"),
        ('[[cameras]]\nkind = "webcam"\nid = "a"\nname = "A"\ninput = "x"\nheigth = 1\n', "height"),
        ('[sound]\nmicrophone = "a"\nloudspeaker = "b"\nvolumn = 3\n', "volume"),
    ],
)
def test_did_you_mean(tmp_path: Path, rest: str, nearest: str) -> None:
    cause = problem(tmp_path, HOUSE + rest).cause
    assert (cause.code, cause.params["nearest"]) == ("config.did_you_mean", nearest)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "config.no_address"),
        ('onvif = "192.168.1.20"\n', "config.onvif_url"),
        ('onvif = "http://admin:x@192.168.1.20"\n', "config.url_with_password"),
        ('onvif = "http://h"\n[[cameras]]\nkind = "rtsp"\nid = "b"\nname = "B"\nonvif = "http://h"\n',
         "config.same_camera"),
    ],
)  # fmt: skip
def test_where_a_network_camera_is(tmp_path: Path, address: str, code: str) -> None:
    camera = '[[cameras]]\nkind = "rtsp"\nid = "a"\nname = "A"\n'
    assert problem(tmp_path, HOUSE + camera + address).cause.code == code
    good = tmp_path / "good"
    good.mkdir()
    (good / "house.toml").write_text(HOUSE + camera + 'onvif = "http://192.168.1.20"\n')
    assert read_settings(good / "house.toml", {}).cameras[0].name == "A"


def test_an_unknown_key_without_a_likeness_lists_the_known_ones(tmp_path: Path) -> None:
    cause = problem(tmp_path, HOUSE + "[web]\nzzz = 1\n").cause
    assert cause.code == "config.unknown_key"
    assert "public_url" in str(cause.params["known"])


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("[house]\nname = Nhà văn hóa\n", 2, "config.value"),
        ('[house]\nname = "Nhà\nward = "x"\n', 2, "config.quotes"),
        ('[house]\nname = "a"\nname = "b"\n', 3, "config.twice"),
        ("[house]\n[house]\n", 2, "config.twice"),
        ("[house]\nname\n", 2, "config.statement"),
        ('[screen]\ncommand = ["a",\n\n', 2, "config.unclosed"),
        ("[house]\nname = 'a' b\n", 2, "config.syntax"),
        ('a = 1\nb = """\nx\n', 2, "config.quotes"),
    ],
)
def test_syntax(tmp_path: Path, text: str, line: int, code: str) -> None:
    found = problem(tmp_path, text)
    assert (found.line, found.cause.code) == (line, code)


def test_files_that_are_none(tmp_path: Path) -> None:
    def code(path: Path) -> str:
        with pytest.raises(SettingsError) as refused:
            read_settings(path, {})
        return refused.value.problems[0].cause.code

    assert code(tmp_path / "none.toml") == "config.no_file"
    assert code(tmp_path) == "config.unreadable"
    (tmp_path / "latin.toml").write_bytes("[house]\nname='Nhà'\n".encode("latin-1"))
    assert code(tmp_path / "latin.toml") == "config.not_utf8"


def test_a_file_saved_by_notepad(tmp_path: Path) -> None:
    file = tmp_path / "house.toml"
    file.write_bytes(b"\xef\xbb\xbf" + HOUSE.replace("\n", "\r\n").encode())
    assert read_settings(file, {}).house.name == "Nhà văn hóa"


def test_the_environment_lies_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "house.toml"
    file.write_text(HOUSE + CAMERA.format(id="a", name="A", n=1))
    settings = read_settings(
        file,
        {
            "AVCONTROL_WEB__PORT": "9001",
            "AVCONTROL_DATA": "elsewhere",
            "AVCONTROL_HOUSE__NAME": "Khác",
            "AVCONTROL_CAMERAS__0__URL": "rtsp://10.1.1.1/2",
            "AVCONTROL_SCREEN__COMMAND": '["chromium", "--headless"]',
            "AVCONTROL_LANGUAGE": "vi",
            "PATH": "/bin",
        },
    )
    assert settings.web.port == 9001
    assert settings.data == tmp_path / "elsewhere"
    assert settings.house.name == "Khác"
    assert isinstance(settings.cameras[0], RtspCamera)
    assert settings.cameras[0].url == "rtsp://10.1.1.1/2"
    assert settings.screen is not None
    assert settings.screen.command == ("chromium", "--headless")


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("AVCONTROL_WEB__PORT", "many", "config.whole_number"),
        ("AVCONTROL_WEB__PROT", "80", "config.did_you_mean"),
        ("AVCONTROL_HOUSE__NAME__X", "a", "config.no_such_place"),
        ("AVCONTROL_CAMERAS__7__URL", "a", "config.no_such_place"),
        ("AVCONTROL_SCREEN__COMMAND", "[oops", "config.list"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    tmp_path: Path, variable: str, value: str, code: str
) -> None:
    found = problem(tmp_path, HOUSE + CAMERA.format(id="a", name="A", n=1), {variable: value})
    assert (found.file, found.line, found.cause.code) == (variable, None, code)


def test_devices_that_cannot_be_told_apart(tmp_path: Path) -> None:
    two = CAMERA.format(id="a", name="A", n=1) + CAMERA.format(id="a", name="A", n=1)
    found = problems(tmp_path, HOUSE + two)
    assert [(p.line, p.key, p.cause.code) for p in found] == [
        (11, "cameras[1].id", "config.same_id"),
        (12, "cameras[1].name", "config.same_name"),
        (13, "cameras[1].url", "config.same_camera"),
    ]
    projector = '[projector]\nkind = "pjlink"\nid = "a"\nhost = "x"\n'
    shared = problem(tmp_path, HOUSE + CAMERA.format(id="a", name="A", n=1) + projector)
    assert (shared.line, shared.cause.code) == (11, "config.same_id")
    assert shared.cause.params["other"] == "cameras[0]"


class TestPasswords:
    TEXT = HOUSE + '[projector]\nkind = "pjlink"\nhost = "x"\npassword_file = "secret"\n'

    def test_file_beside_the_configuration(self, tmp_path: Path) -> None:
        (tmp_path / "house.toml").write_text(self.TEXT)
        (tmp_path / "secret").write_text("s3cret")
        (tmp_path / "secret").chmod(0o600)
        settings = read_settings(tmp_path / "house.toml", {})
        assert settings.projector is not None
        assert settings.projector.password_file == tmp_path / "secret"

    def test_missing(self, tmp_path: Path) -> None:
        found = problem(tmp_path, self.TEXT)
        assert (found.line, found.cause.code) == (7, "config.password_file_missing")
        assert found.cause.params["file"] == str(tmp_path / "secret")

    def test_open_to_everybody(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("s3cret")
        (tmp_path / "secret").chmod(0o644)
        found = problem(tmp_path, self.TEXT)
        assert found.cause.code == "config.password_file_open"
        assert "s3cret" not in repr(found)

    def test_empty(self, tmp_path: Path) -> None:
        (tmp_path / "secret").touch(0o600)
        assert problem(tmp_path, self.TEXT).cause.code == "config.password_file_empty"

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        (tmp_path / "secret").mkdir()
        assert problem(tmp_path, self.TEXT).cause.code == "config.password_file_unreadable"

    def test_not_ours(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "secret").write_text("s3cret")
        (tmp_path / "secret").chmod(0)
        if os.geteuid() == 0:  # who may read everything
            monkeypatch.setattr(os, "access", lambda path, mode: False)
        assert problem(tmp_path, self.TEXT).cause.code == "config.password_file_unreadable"

    def test_in_the_file_itself(self, tmp_path: Path) -> None:
        found = problem(tmp_path, self.TEXT.replace("password_file", "password"))
        assert found.cause.code == "config.password_in_file"
        assert "secret" not in repr(found)

    def test_in_the_address(self, tmp_path: Path) -> None:
        camera = CAMERA.format(id="a", name="A", n=1).replace("rtsp://", "rtsp://admin:s3cret@")
        found = problem(tmp_path, HOUSE + camera)
        assert (found.line, found.cause.code) == (8, "config.url_with_password")
        assert "s3cret" not in repr(found)

    def test_without_a_user(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("s3cret")
        (tmp_path / "secret").chmod(0o600)
        camera = CAMERA.format(id="a", name="A", n=1) + 'password_file = "secret"\n'
        found = problem(tmp_path, HOUSE + camera)
        assert (found.line, found.cause.code) == (4, "config.user_missing")
        more = 'onvif_password_file = "secret"\n'
        found = problem(tmp_path, HOUSE + CAMERA.format(id="a", name="A", n=1) + more)
        assert (found.line, found.cause.code) == (4, "config.onvif_user_missing")


SENDER = '[[open311.keys]]\nid = "{id}"\nkey_file = "not-there"\n'
WEBHOOK = '[[targets]]\nkind = "webhook"\nid = "city"\nurl = "{url}"\nsecret_file = "not-there"\n'
AUTHORITY = '[[feedback.authorities]]\ncode = "{code}"\nname = "Phòng"\ntopics = ["{topic}"]\n'


@pytest.mark.parametrize(
    ("rest", "line", "key", "code"),
    [
        ('[feedback]\ndefault_authority = "nobody"\n', 5, "", "config.choice"),
        ('[feedback]\ndays_off = ["2027-13-40"]\n', 5, "days_off[0]", "config.date"),
        ("[feedback]\ndays_off = [2027-02-20]\nworking_days = [2027-02-20]\n", 6, "", "config.off"),
        ('[feedback.hours]\nspans = ["7h-11h"]\n', 5, "hours.spans[0]", "config.hours"),
        ('[feedback.hours]\nspans = ["11:00-07:00"]\n', 5, "", "config.hours_overlap"),
        ('[feedback.hours]\nspans = ["07:00-11:00", "10:00-12:00"]\n', 5, "", "config.hours_ov"),
        ("[feedback]\nauthorities = []\n", 5, "", "config.empty"),
        ("[feedback]\ndeadlines = []\n", 5, "", "config.empty"),
        ("[feedback.hours]\nspans = []\n", 5, "", "config.empty"),
        ("[feedback.hours]\ndays = []\n", 5, "", "config.empty"),
        ("[feedback.hours]\ndays = [8]\n", 5, "hours.days[0]", "config.too_large"),
        ('[[feedback.deadlines]]\nrule = "Luật"\n', 4, "", "config.days_or_hours"),
        (
            '[[feedback.deadlines]]\nrule = "Luật"\nworking_days = 1\nworking_hours = 8\n',
            4,
            "",
            "config.days_or_hours",
        ),
        (
            AUTHORITY.format(code="office", topic="other")
            + AUTHORITY.format(code="police", topic="other"),
            11,
            "",
            "config.same_topic",
        ),
        (
            AUTHORITY.format(code="office", topic="other")
            + AUTHORITY.format(code="office", topic="procedures"),
            9,
            "",
            "config.same_id",
        ),
        ('[[targets]]\nkind = "fax"\nid = "a"\n', 5, "kind", "config.choice"),
        (WEBHOOK.format(url="ftp://a.example"), 7, "url", "config.http_url"),
        (WEBHOOK.format(url="https://u:p@a.example"), 7, "url", "config.http_url"),
        (WEBHOOK.format(url="https://a.example/hook"), 8, "secret", "config.password_file_missing"),
        (SENDER.format(id="city"), 6, "open311.keys[0].key", "config.password_file_missing"),
        (SENDER.format(id="City"), 5, "open311.keys[0].id", "config.identifier"),
        (AUTHORITY.format(code="office", topic="weather"), 7, "topics[0]", "config.choice"),
    ],
)
def test_who_answers_what(tmp_path: Path, rest: str, line: int, key: str, code: str) -> None:
    """Every matter needs an owner and a deadline that can be reckoned."""
    found = problem(tmp_path, HOUSE + rest)
    assert found.line == line
    assert key in found.key
    assert found.cause.code.startswith(code)


class TestExample:
    def test_it_can_be_used_as_it_stands(self) -> None:
        settings = read_settings(EXAMPLE, {})
        assert isinstance(settings.cameras[0], RtspCamera)
        assert isinstance(settings.cameras[1], Webcam)

    def test_it_shows_the_defaults_that_hold(self) -> None:
        """Every line "#name = value" says what holds without it."""
        text = re.sub(r"^#(\w+ = )", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE)
        assert HouseSettings.model_validate(tomllib.loads(text)) == read_settings(EXAMPLE, {})

    def test_it_explains_every_key(self) -> None:
        shown = set(re.findall(r"^#? *(\w+) = ", EXAMPLE.read_text(), flags=re.MULTILINE))
        tables = r"^(?:#   )?\[+(?:(?:feedback|mail|open311|privacy)\.)?(\w+)\]+"
        shown |= set(re.findall(tables, EXAMPLE.read_text(), flags=re.MULTILINE))
        assert keys_of(HouseSettings) - shown == set()


def keys_of(annotation: object) -> set[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields
        return set(fields).union(*(keys_of(field.annotation) for field in fields.values()))
    inner = getattr(annotation, "__args__", ())
    return set().union(*(keys_of(argument) for argument in inner))
