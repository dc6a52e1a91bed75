"""The interface as its own document describes it, tried with cases that schemathesis makes of it."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error


def try_cases(app, client, n: int) -> list[int]:
    """Send so many cases, split among the endpoints; return the status of each answer."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers={"host": "localhost"})
    operations = [operation.ok() for operation in schema.get_all_operations()]
    statuses: list[int] = []
    for operation in operations:
        strategy = operation.as_strategy()

        def try_one(case):
            response = case.call(
                session=None, headers={**client.headers, "host": "localhost"}, cookies=dict(client.cookies)
            )
            statuses.append(response.status_code)
            case.validate_response(response, checks=[not_a_server_error])

        settings(
            max_examples=-(-3 * n // (2 * len(operations))),  # some take no arguments, and so one case
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(given(case=strategy)(try_one))()
    return statuses


@pytest.mark.parametrize("n", [300, pytest.param(5000, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
def test_no_case_ends_in_a_server_error(app, client_of, n):
    statuses = try_cases(app, client_of("admin"), n)
    assert len(statuses) >= n
    assert {200, 422} <= set(statuses)  # some were good, and whoever asked was let in
