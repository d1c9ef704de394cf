"""Every check type there is, by the name that assignment files use."""

from __future__ import annotations

from grader.checks.answers import Answers, check_answers
from grader.checks.base import CheckType
from grader.checks.budget import Budget, check_budget
from grader.checks.compile import Compile, check_compile
from grader.checks.contains import Contains, check_contains
from grader.checks.custom import Custom, check_custom
from grader.checks.feature_maps import FeatureMaps, check_feature_maps
from grader.checks.invariance import Invariance, check_invariance
from grader.checks.layers import Layers, check_layers
from grader.checks.output_shape import OutputShape, check_output_shape
from grader.checks.parameters import Parameters, check_parameters
from grader.checks.probabilities import Probabilities, check_probabilities
from grader.checks.response import Response, check_response
from grader.checks.returns import Returns, check_returns
from grader.checks.training import Training, check_training
from grader.checks.verify import Verify, check_verify

CHECK_TYPES: dict[str, CheckType] = {
    "output_shape": CheckType(OutputShape, check_output_shape, "build"),
    "feature_maps": CheckType(FeatureMaps, check_feature_maps, "build"),
    "parameters": CheckType(Parameters, check_parameters, "build"),
    "layers": CheckType(Layers, check_layers, "build"),
    "contains": CheckType(Contains, check_contains, "build"),
    "probabilities": CheckType(Probabilities, check_probabilities, "build"),
    "compile": CheckType(Compile, check_compile, "build"),
    "budget": CheckType(Budget, check_budget, "build"),
    "response": CheckType(Response, check_response, "build"),
    "invariance": CheckType(Invariance, check_invariance, "build"),
    "training": CheckType(Training, check_training, "build"),
    "verify": CheckType(Verify, check_verify, "build"),
    "returns": CheckType(Returns, check_returns, "function"),
    "answers": CheckType(Answers, check_answers, "answers"),
    "custom": CheckType(Custom, check_custom, "any"),
}
