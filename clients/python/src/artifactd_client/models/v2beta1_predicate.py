"""The message `V2beta1Predicate`."""

from __future__ import annotations

from datetime import datetime
from typing import Optional, Union

from artifactd_client.models.model import Model
from artifactd_client.models.predicate_double_values import PredicateDoubleValues
from artifactd_client.models.predicate_int_values import PredicateIntValues
from artifactd_client.models.predicate_long_values import PredicateLongValues
from artifactd_client.models.predicate_string_values import PredicateStringValues
from artifactd_client.models.v2beta1_predicate_operation import V2beta1PredicateOperation


class V2beta1Predicate(Model):
    """One condition: a field, a comparison, and one value of the kind that fits the field."""

    operation: Optional[Union[V2beta1PredicateOperation, str]] = None
    key: Optional[str] = None
    int_value: Optional[int] = None
    long_value: Optional[str] = None
    string_value: Optional[str] = None
    timestamp_value: Optional[datetime] = None
    int_values: Optional[PredicateIntValues] = None
    long_values: Optional[PredicateLongValues] = None
    string_values: Optional[PredicateStringValues] = None
    double_value: Optional[float] = None
    bool_value: Optional[bool] = None
    double_values: Optional[PredicateDoubleValues] = None
