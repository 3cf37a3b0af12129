"""Bring a live table in step with the models: what it is, what it should be, and how it gets there."""

from __future__ import annotations

from madmall_models.table_plan.application import Application, Report
from madmall_models.table_plan.change import TableChange
from madmall_models.table_plan.index_plan import Held
from madmall_models.table_plan.plan import TablePlan, plan_of
from madmall_models.table_plan.settings import ON_DEMAND, OnDemand, TableSettings
from madmall_models.table_plan.state import TableState, read_state, state_or_none

__all__ = [
    "ON_DEMAND",
    "Application",
    "Held",
    "OnDemand",
    "Report",
    "TableChange",
    "TablePlan",
    "TableSettings",
    "TableState",
    "plan_of",
    "read_state",
    "state_or_none",
]
