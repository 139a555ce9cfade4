"""The ward's staff, for its admin."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from ward.accounts import CODE_LASTS, LONGEST_NAME, Account, AccountRole
from web.errors import status_of
from web.hub.site import HubSite
from web.qr import qr_code


def routes(site: HubSite) -> list[BaseRoute]:
    pages = _Accounts(site)
    return [
        Route("/accounts", pages.list, methods=["GET"]),
        Route("/accounts", pages.create, methods=["POST"]),
        Route("/accounts/{account}/code", pages.create_code, methods=["POST"]),
        Route("/accounts/{account}/close", pages.close, methods=["POST"]),
        Route("/accounts/{account}/authority", pages.assign, methods=["POST"]),
        Route("/accounts/{account}/log-out", pages.log_out, methods=["POST"]),
    ]


class _Accounts:
    def __init__(self, site: HubSite) -> None:
        self._site = site
        self._accounts = site.accounts

    async def list(self, request: Request) -> Response:
        return await self._list(request)

    async def create(self, request: Request) -> Response:
        """A page that shows the code for a new account once."""
        await self._admin(request)
        async with request.form(max_files=0) as form:
            login, name, role, authority = (
                str(form.get(field, "")).strip() for field in ("login", "name", "role", "authority")
            )
        if role not in set(AccountRole) or not self._is_one(authority):
            raise Refused("web.bad_request")
        try:
            account, code = await self._accounts.create(
                login, name, AccountRole(role), authority or None
            )
        except Refused as refused:
            return await self._list(
                request,
                problem=refused.cause,
                login=login,
                name=name,
                role=role,
                authority=authority,
            )
        return await self._show_code(request, account, code)

    async def create_code(self, request: Request) -> Response:
        """The same for an account that exists: a forgotten password, or one that was closed."""
        await self._admin(request)
        account_id = request.path_params["account"]
        code = await self._accounts.create_code(account_id)
        account = await self._accounts.find(account_id)
        assert account is not None
        return await self._show_code(request, account, code)

    async def close(self, request: Request) -> Response:
        """Out at once, everywhere, until the account gets a new code."""
        await self._admin(request)
        await self._accounts.close(request.path_params["account"])
        return RedirectResponse("/accounts", status_code=303)

    async def assign(self, request: Request) -> Response:
        """Whose cases a handler deals with; empty is all of them."""
        await self._admin(request)
        async with request.form(max_files=0) as form:
            authority = str(form.get("authority", "")).strip()
        if not self._is_one(authority):
            raise Refused("web.bad_request")
        await self._accounts.assign(request.path_params["account"], authority or None)
        return RedirectResponse("/accounts", status_code=303)

    def _is_one(self, authority: str) -> bool:
        return not authority or self._site.rules.routing.authority(authority) is not None

    async def log_out(self, request: Request) -> Response:
        """End every session of this account."""
        await self._admin(request)
        await self._site.access.sessions.end_all(request.path_params["account"])
        return RedirectResponse("/accounts", status_code=303)

    async def _admin(self, request: Request) -> Account:
        return (await self._site.access.require(request, AccountRole.ADMIN)).account

    async def _list(
        self,
        request: Request,
        *,
        problem: Cause | None = None,
        login: str = "",
        name: str = "",
        role: str = AccountRole.OFFICIAL.value,
        authority: str = "",
    ) -> Response:
        own = await self._admin(request)
        return self._site.templates.page(
            request,
            "hub/accounts.html",
            status_code=status_of(problem) if problem else 200,
            accounts=await self._accounts.all(),
            account=own,
            roles=tuple(AccountRole),
            problem=problem,
            login=login,
            name=name,
            role=role,
            authority=authority,
            authorities=self._site.rules.routing.authorities,
            steering=self._site.rules.routing.steering_name,
            most=LONGEST_NAME,
        )

    async def _show_code(self, request: Request, account: Account, code: str) -> Response:
        own = await self._admin(request)
        link = f"{self._site.address(request)}/welcome/{code}"
        return self._site.templates.page(
            request,
            "hub/account_code.html",
            owner=account,
            account=own,
            code=code,
            days=CODE_LASTS.days,
            link=link,
            link_code=qr_code(link),
        )
