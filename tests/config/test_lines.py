"""Lines of keys: worked examples, and documents whose writer knows where it put each key."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from config import lines
from config.lines import Where, find_lines, first_unfinished


def test_docstring() -> None:
    assert doctest.testmod(lines).failed == 0


def test_tables_arrays_and_long_values() -> None:
    text = """\
# a comment with [brackets] = "and quotes
data = "x"

[web]  # [other]
port = 8080
"quoted.key" = 1
long = [
  "a # no comment",
  "]",
]
story = \"\"\"
[cameras]
port = 1
\"\"\"
after.dotted.key = 2

[[cameras]]
id = "a"
[[cameras]]
id = "b"
inline = { x = 1, y = [1, 2] }
[cameras.more]
z = 1
"""
    found = find_lines(text)
    expected: dict[Where, int] = {
        ("data",): 2,
        ("web",): 4,
        ("web", "port"): 5,
        ("web", "quoted.key"): 6,
        ("web", "long"): 7,
        ("web", "long", 1): 7,
        ("web", "story"): 11,
        ("web", "after", "dotted", "key"): 15,
        ("cameras", 0): 17,
        ("cameras", 0, "id"): 18,
        ("cameras", 1): 19,
        ("cameras", 1, "id"): 20,
        ("cameras", 1, "inline", "y", 0): 21,
        ("cameras", 1, "more"): 22,
        ("cameras", 1, "more", "z"): 23,
    }
    assert {where: found.get(where) for where in expected} == expected


def test_windows_line_ends() -> None:
    assert find_lines("a = 1\r\n\r\n[b]\r\nc = 2\r\n") == {("a",): 1, ("b",): 3, ("b", "c"): 4}


def test_where_an_unfinished_value_begins() -> None:
    assert first_unfinished('a = 1\nb = [\n  1,\nc = "x"\n') == 2
    assert first_unfinished('a = """\n\n') == 1


NAMES = st.text("abcdefgh-_", min_size=1, max_size=6)
VALUES = st.one_of(
    st.integers().map(str),
    st.sampled_from(["true", "false", "1.5", "2026-01-01", "[]", "[1, [2]]", "'lit[eral'"]),
    st.text("abc[]={}# '", max_size=8).map(lambda text: f'"{text}"'),
    st.text("abc[]={}#\n'", max_size=12).map(lambda text: f'"""{text}"""'),
    st.lists(st.integers(), max_size=3).map(
        lambda xs: "[\n" + "".join(f" {x},\n" for x in xs) + "]"
    ),
)
FILLERS = st.sampled_from(["", "\n", "# [comment] = 'x\n", "   \n\n"])


@given(
    st.dictionaries(
        NAMES,
        st.tuples(
            st.booleans(),
            st.lists(st.dictionaries(NAMES, VALUES, max_size=4), min_size=1, max_size=3),
        ),
        max_size=4,
    ),
    st.data(),
)
def test_every_key_is_found_where_it_was_written(
    document: dict[str, tuple[bool, list[dict[str, str]]]], data: st.DataObject
) -> None:
    text = ""
    written: dict[Where, int] = {}

    def note(where: Where) -> None:
        written[where] = text.count("\n") + 1

    for name, (array, tables) in document.items():
        for index, table in enumerate(tables if array else tables[:1]):
            text += data.draw(FILLERS)
            here: Where = (name, index) if array else (name,)
            note(here)
            if array and index == 0:
                note((name,))
            text += f"[[{name}]]\n" if array else f"[{name}]\n"
            for key, value in table.items():
                text += data.draw(FILLERS)
                note((*here, key))
                text += f"{key} = {value}\n"
    found = find_lines(text)
    assert {where: found.get(where) for where in written} == written
