"""The client side of Tenuto: start runs, signal, query and watch them, deploy workflows."""

from tenuto.client.client import Client
from tenuto.client.errors import (
    BadFilter,
    ClientError,
    InvalidInput,
    QueryFailed,
    ResultTimeout,
    UnknownName,
    UpdateRejected,
    WorkflowFailed,
)
from tenuto.client.replay import Unreadable
from tenuto.client.results import Deployed, Description, Entry, Migration, Pending, Started

__all__ = [
    "BadFilter",
    "Client",
    "ClientError",
    "Deployed",
    "Description",
    "Entry",
    "InvalidInput",
    "Migration",
    "Pending",
    "QueryFailed",
    "ResultTimeout",
    "Started",
    "UnknownName",
    "Unreadable",
    "UpdateRejected",
    "WorkflowFailed",
]
