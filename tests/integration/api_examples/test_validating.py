"""What is done to validate and serialise. Each block is one that the documents show."""

from __future__ import annotations

from typing import Any

import marshmallow
import pytest

from madmall_models import Database, DataValidator, User, ValidationError, ValidationReport

DATA: dict[str, Any] = {
    "userId": "user123",
    "email": "jane@example.com",
    "profile": {"firstName": "Jane", "lastName": "Smith", "communicationStyle": "x", "bio": "Hello"},
}


@pytest.mark.parametrize("spelling", [DATA, {"user_id": "user123", "email": "jane@example.com", "profile": {}}])
def test_a_report(spelling: dict[str, Any]) -> None:
    report = User.validate({**spelling, "email": "nowhere"})

    assert isinstance(report, ValidationReport)
    assert not report.is_valid
    found = {entry.field: entry for entry in report.errors}
    assert (found["email"].code, found["email"].value) == ("INVALID_FORMAT", "nowhere")
    assert "e-mail" in found["email"].message
    assert "INVALID_VALUE" in [entry.code for entry in User.validate(DATA).warnings]


def test_the_validator_of_data() -> None:
    item = {
        "PK": "USER#user123",
        "SK": "PROFILE",
        "entityType": "USER",
        "version": 1,
        "createdAt": "2026-11-22T12:00:00.000Z",
        "updatedAt": "2026-11-22T12:00:00.000Z",
    }

    assert DataValidator.validate_user(DATA).is_valid
    assert DataValidator.validate_keys(item).is_valid
    assert DataValidator.validate_consistency(item).is_valid
    assert DataValidator.validate_batch([item]).is_valid
    assert not DataValidator.validate_batch([]).is_valid


def test_schemas(db: Database) -> None:
    create, change, several = User.schema(), User.schema(partial=True), User.schema(many=True)

    user = db.users.create(**create.load(DATA))
    assert create.dump(user)["profile"]["firstName"] == "Jane"
    changed = db.users.update("user123", **change.load({"profile": {"bio": "Wellness advocate"}}))
    assert (changed.profile.first_name, changed.profile.bio) == ("Jane", "Wellness advocate")
    assert [shown["userId"] for shown in several.dump(db.users.of_tenant())] == ["user123"]
    assert several.validate([DATA, {}])[1]["email"] == ["is required"]  # type: ignore[call-overload]
    for caught in (ValidationError, marshmallow.ValidationError):
        with pytest.raises(caught) as refused:
            create.load({**DATA, "email": "nowhere", "nickname": "J"})
        assert set(refused.value.messages) == {"email", "nickname"}
