"""What the productivity domain hands the coach. Found at start-up by `autodiscover_modules("coach")`."""

from . import behavior as behavior
from . import briefs as briefs
from . import cards as cards
from . import context as context
from . import known as known
from . import names as names
from . import needs as needs
from . import nudge_tools as nudge_tools
from . import plans as plans
from . import rehearsal as rehearsal
from . import segments as segments
from . import signals as signals
from . import tiles as tiles
from . import tools as tools
