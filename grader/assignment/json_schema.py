"""The JSON Schema of assignment files, where pydantic cannot tell what its models take."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from grader.checks.base import CheckSpec

COUNT = {"type": "number", "minimum": 0}


class SchemaOfAssignments(GenerateJsonSchema):
    """Writes what a validator that runs before the fields makes of a value."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Describe one model."""
        model, described = schema["cls"], super().model_schema(schema)
        if issubclass(model, CheckSpec):
            # The key that tells the checks apart has a default, but a file must have it.
            described["required"] = ["type", *described.get("required", ())]
        return {"anyOf": [COUNT, described]} if _takes(model, 1) else described


def _takes(model: type[BaseModel], value: Any) -> bool:
    """Whether a value by itself stands for a whole mapping: ``5`` for ``{exact: 5}``."""
    try:
        model.model_validate(value)
    except ValidationError:
        return False
    return True
