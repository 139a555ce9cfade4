"""Templates are compiled once for all processes of an installation, and never wrongly."""

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from web.templating import Templates, _Compiled


class Place:
    name = "Nhà văn hóa Tổ dân phố 5"
    language = "vi"


def compiled(folder: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[str]]:
    """What a fresh process would show, and what it had to compile for it."""
    compiling: list[str] = []
    real = Environment.compile

    def noting(self, *arguments, **more):
        compiling.append(str(arguments[1]))
        return real(self, *arguments, **more)

    monkeypatch.setattr(Environment, "compile", noting)
    loader = DictLoader({"page.html": source})
    environment = Environment(loader=loader, bytecode_cache=_Compiled(folder), autoescape=True)
    shown = environment.get_template("page.html").render(name="<b>")
    monkeypatch.undo()
    return shown, compiling


def test_a_template_is_compiled_once_until_it_changes(tmp_path, monkeypatch):
    folder = tmp_path / "share" / "templates"
    first = ("Chào &lt;b&gt;", ["page.html"])
    assert compiled(folder, "Chào {{ name }}", monkeypatch) == first
    assert compiled(folder, "Chào {{ name }}", monkeypatch) == (first[0], [])
    assert compiled(folder, "Xin chào {{ name }}", monkeypatch)[1] == ["page.html"]


@pytest.mark.parametrize("kept", [0, 20, -10])
def test_what_a_power_cut_left_of_it_is_compiled_anew(tmp_path, monkeypatch, kept):
    compiled(tmp_path, "Chào {{ name }}", monkeypatch)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:kept])
    assert compiled(tmp_path, "Chào {{ name }}", monkeypatch) == ("Chào &lt;b&gt;", ["page.html"])
    assert compiled(tmp_path, "Chào {{ name }}", monkeypatch)[1] == []


def test_where_nothing_can_be_written_pages_are_shown_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    shown, _ = compiled(tmp_path / "file" / "below", "Chào {{ name }}", monkeypatch)
    assert shown == "Chào &lt;b&gt;"


def test_words_are_filled_in_escaped_in_both_languages():
    templates = Templates(Place())
    for language, words in (("vi", "Câu số"), ("en", "Question")):
        environment = templates._environments[language]
        page = environment.from_string('{{ _("Câu số %(number)s", number=number) }}')
        shown = page.render(number="<5>")
        assert words in shown
        assert "&lt;5&gt;" in shown
        plain = environment.from_string('{{ _("Gửi câu hỏi") }}').render()
        assert (plain == "Gửi câu hỏi") is (language == "vi")
