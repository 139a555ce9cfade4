"""Sends whatever schemathesis makes of an OpenAPI description; ends with 1 at the first answer that
is wrong, and with the request that led to it.

    python whatever.py http://127.0.0.1:8080 --examples 6 --only open311 --key k3y

A program of its own, and no test: pytest would compile all of schemathesis anew for each run.
"""

import argparse
from http.cookies import SimpleCookie

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CONFORMING = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("url")
    arguments.add_argument("--examples", type=int, required=True)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--key", default="")
    arguments.add_argument("--house", default="")
    arguments.add_argument("--cookies", default="")
    given = arguments.parse_args()
    cookies = {name: morsel.value for name, morsel in SimpleCookie(given.cookies).items()}
    schema = schemathesis.openapi.from_url(f"{given.url}/api/openapi.json")
    answered: dict[int, int] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        if given.only not in operation.path or operation.path == "/logout":
            continue  # whoever is logged out sees little of the rest

        @hypothesis.settings(
            max_examples=given.examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def attempt(case: schemathesis.Case) -> None:
            open311 = "open311" in case.path
            if given.house and "house" in case.path_parameters:
                case.path_parameters["house"] = given.house
            if open311 and isinstance(case.body, dict) and sum(answered.values()) % 3:
                case.body["api_key"] = given.key
            response = case.call(
                base_url=given.url,
                cookies=cookies,
                headers={"Origin": given.url},
                allow_redirects=False,
            )
            answered[response.status_code] = answered.get(response.status_code, 0) + 1
            # 503 says that a house is away, and is right.
            assert response.status_code != 500, (case.as_curl_command(), response.text)
            if open311:
                case.validate_response(response, checks=CONFORMING)

        attempt()
    print(" ".join(f"{status}:{count}" for status, count in sorted(answered.items())))


if __name__ == "__main__":
    main()
