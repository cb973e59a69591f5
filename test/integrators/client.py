"""Calls tools of the embedded planner with the client that openapi-python-client generated: `python client.py URL KEY`, beside the package `planner`."""

import sys

from planner import AuthenticatedClient, Client
from planner.api.docs import get_v1_tools_create_task
from planner.api.planner import create_task, get_task, list_plans, plan_report
from planner.models import (
    CreateTaskBody,
    CreateTaskResponse200Type0,
    Error,
    GetTaskBody,
    GetTaskResponse200Type0,
    GetV1ToolsCreateTaskFormat,
    ListPlansBody,
    PlanReportBody,
)

url, key = sys.argv[1:]
client = AuthenticatedClient(base_url=url, token=key)

created = create_task.sync(client=client, body=CreateTaskBody(title="From Python"))
assert isinstance(created, CreateTaskResponse200Type0), created
assert created.title == "From Python", created

found = get_task.sync(client=client, body=GetTaskBody(task_id=created.id))
assert isinstance(found, GetTaskResponse200Type0) and found.id == created.id, found

report = plan_report.sync(client=client, body=PlanReportBody())
assert isinstance(report, list) and report[1].startswith("data:image/png;base64,"), report

refused = get_task.sync(client=client, body=GetTaskBody(task_id="nope"))
assert isinstance(refused, Error) and refused.error.type_ == "tool_error", refused

described = get_v1_tools_create_task.sync(client=client, format_=GetV1ToolsCreateTaskFormat.MCP)
assert described is not None and described["name"] == "create_task", described

stranger = list_plans.sync_detailed(client=Client(base_url=url), body=ListPlansBody())
assert stranger.status_code == 401 and isinstance(stranger.parsed, Error), stranger
