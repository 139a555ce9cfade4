import pytest

from rooms.turns import Waiting, suggested
from rooms.view import QuestionState, Whence

HALL, REMOTE, ABSENT = Whence


def waiting(*rows):
    return [Waiting(f"q{number}", whence, askers, number) for number, whence, askers in rows]


def test_the_sides_take_turns_then_votes_then_time():
    found = waiting(
        (1, HALL, 1), (2, HALL, 5), (3, HALL, 5), (4, REMOTE, 1), (5, ABSENT, 9), (6, REMOTE, 2)
    )
    for after, expected in [
        (None, "q2 q6 q5 q3 q4 q1"),
        (HALL, "q6 q5 q2 q4 q3 q1"),
        (REMOTE, "q5 q2 q6 q3 q4 q1"),
        (ABSENT, "q2 q6 q5 q3 q4 q1"),
    ]:
        assert suggested(found, after=after, first=None) == tuple(expected.split())


def test_what_was_named_as_the_next_stays_the_next():
    found = waiting((1, HALL, 1), (2, HALL, 5), (3, REMOTE, 1))
    assert suggested(found, after=None, first="q1") == ("q1", "q3", "q2")
    assert suggested(found, after=None, first="gone") == ("q2", "q3", "q1")
    assert suggested([], after=HALL, first=None) == ()


@pytest.fixture
async def live(house):
    """With a question from before the meeting, and three from the hall."""
    house.asked = [(await house.ask("Gửi trước cuộc họp", key="0")).question_id]
    await house.live()
    house.asked += [
        (await house.ask(f"Câu trong hội trường {n}", key=f"{n}")).question_id for n in (1, 2, 3)
    ]
    for question_id in house.asked:
        await house.room.approve_question(house.secretary, question_id)
    return house


def order(house):
    return [question.number for question in house.view.in_turn()]


async def test_one_order_for_everybody_that_does_not_jump(live):
    assert order(live) == [1, 2, 3, 4], "the first one was named as the next"
    for device in range(3):
        await live.room.vote(live.asked[3], bytes([device]) * 32)
    await live.ticks()
    assert order(live) == [1, 2, 3, 4], "a vote alone moves nothing"
    await live.room.show_question(live.leader, live.asked[0])
    assert order(live) == [4, 2, 3], "the absent were served; of the hall's this one has votes"
    await live.room.show_question(live.leader, live.asked[1])
    assert live.view.question_on_stage().number == 2, "the leader takes any"
    assert order(live) == [4, 1, 3], "and what he took off waits again"
    await live.restart()
    assert set(order(live)) == {1, 3, 4}
    await live.room.answer_question(live.leader, live.asked[3], "Mai sửa")
    assert live.question(live.asked[3]).state is QuestionState.ANSWERED
    assert order(live) == [1, 3]
