"""The same POST twice changes things once."""

from outreach.bootstrap import App
from tests.web.conftest import Hire, Someone

NEW = {"login": "zoe", "roles": ["agent"], "platforms": ["40"]}


def _add(admin: Someone, key: str = "k1", body: object = NEW) -> tuple[int, dict[str, str], dict[str, str]]:
    answer = admin.post("/users", body, headers={"Idempotency-Key": key})
    return answer.status_code, answer.json(), dict(answer.headers)


def test_the_same_request_again_gets_the_first_answer_again(hire: Hire) -> None:
    admin = hire("administrator")
    first, again = _add(admin), _add(admin)
    assert first[0] == again[0] == 201
    assert first[1] == again[1]
    assert again[2]["idempotent-replay"] == "true"
    assert len(admin.get("/users").json()["items"]) == 2


def test_the_same_key_for_another_request_is_refused(hire: Hire) -> None:
    admin = hire("administrator")
    _add(admin)
    status, problem, _ = _add(admin, body={**NEW, "login": "yan"})
    assert (status, problem["code"]) == (409, "key_reused")


def test_a_refused_request_leaves_the_key_free(hire: Hire) -> None:
    admin = hire("administrator")
    assert _add(admin, body={**NEW, "platforms": ["33"]})[0] == 404
    assert _add(admin)[0] == 201


def test_a_key_is_its_users_own(hire: Hire) -> None:
    one, other = hire("administrator"), hire("administrator", login="other")
    assert _add(one)[0] == 201
    assert _add(other)[0] == 409  # the login is taken: the request was made, not replayed


def test_an_answer_is_kept_sealed_and_for_a_day(app: App, hire: Hire) -> None:
    admin = hire("administrator")
    user_id = _add(admin)[1]["id"]
    with app.database.begin() as connection:
        kept = connection.exec_driver_sql("select sealed_answer from idempotency_keys").scalar_one()
        assert user_id.encode() not in bytes(kept)
    assert app.upkeep.run()["old_request_keys"] == 0
    app.clock.wait(25 * 3600)
    assert app.upkeep.run()["old_request_keys"] == 1


def test_a_key_too_long_is_refused(hire: Hire) -> None:
    assert _add(hire("administrator"), key="k" * 201)[0] == 422
