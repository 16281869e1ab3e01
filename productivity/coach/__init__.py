"""What the productivity domain hands the coach. Found at start-up by `autodiscover_modules("coach")`."""

from . import behavior as behavior
from . import names as names
from . import needs as needs
from . import nudge_tools as nudge_tools
from . import signals as signals
from . import tiles as tiles
