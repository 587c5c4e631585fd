"""Every diagnostic code with its title. Codes are permanent: one that is no longer given is never used for another."""

from tenuto_dsl.diagnostics.codes.clarity import CLARITY
from tenuto_dsl.diagnostics.codes.compatibility import COMPATIBILITY
from tenuto_dsl.diagnostics.codes.durability import DURABILITY
from tenuto_dsl.diagnostics.codes.names import NAMES
from tenuto_dsl.diagnostics.codes.security import SECURITY
from tenuto_dsl.diagnostics.codes.states import STATES
from tenuto_dsl.diagnostics.codes.syntax import SYNTAX

CODES: dict[str, str] = {**SYNTAX, **NAMES, **STATES, **DURABILITY, **SECURITY, **COMPATIBILITY, **CLARITY}
