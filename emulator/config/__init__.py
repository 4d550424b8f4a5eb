"""Options: the table of them, the parsers of their texts, and where they come from."""

from emulator.config.options import Config as Config
from emulator.core.failures import ConfigurationError as ConfigurationError
