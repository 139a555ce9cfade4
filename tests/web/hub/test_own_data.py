"""The ward's side of a resident's own data: his page, the work list, and the house that is told."""

import re

from feedback.data_request import Kind, RequestState
from feedback.intake import check, receive
from ward.accounts import AccountRole


async def test_a_residents_request_is_on_the_handlers_list_until_it_is_decided(hub):
    code = await hub.site.houses.invite("to-5", "Nhà văn hóa Tổ dân phố 5")
    await hub.site.houses.enrol(code)
    case, _ = await receive(
        hub.database,
        check("Cống nhà bà Mai tắc", name="Bà Mai", via="phone", key=""),
        hub.site.rules,
        by="resident",
        now=hub.site.workplace.now(),
        alongside=lambda *_: None,
        house_id="to-5",
    )
    client = hub.client()
    address = f"/h/to-5/receipt/{case.receipt}/data"
    assert "Bà Mai" in (await client.get(address)).text
    assert (await client.get(address.replace("to-5", "to-6"))).status_code == 404
    assert (await client.post(address, data={"kind": "erase"})).status_code == 303
    assert "/h/to-5/privacy" in (await client.get(address)).text
    assert "Nhà văn hóa giữ bản của mình" in (await client.get("/h/to-5/privacy")).text
    handler = await hub.client_as(AccountRole.HANDLER)
    assert 'data-value="data-requests-waiting">1<' in (await handler.get("/work")).text
    page = (await handler.get("/data-requests")).text
    # It is on its way to the house, which decides.
    assert 'data-value="request-away" data-code="case.on_its_way"' in page
    path = re.search(rf'"data-request" data-code="{Kind.ERASE}"', page)
    assert path, "it is shown all the same"
    (asked,) = await hub.site.requests.of(case.receipt, "to-5")
    answer = await handler.post(f"/data-requests/{asked.id}", data={"decision": "done"})
    assert answer.status_code == 409 and 'data-code="case.on_its_way"' in answer.text
    assert asked.state is RequestState.WAITING
    assert (await hub.client().get("/data-requests")).status_code == 303
