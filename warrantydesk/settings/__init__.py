"""The settings, a module for each topic. What differs between places comes from the environment (docs/settings.md).

With no configuration at all this is the embedded desk: SQLite, local files, a broker made of files, mail written to
files. Production sets DATABASE_URL, REDIS_URL, SECRET_KEY, DEBUG=0 and its hosts; nothing else behaves differently.
"""

# ruff: noqa: F403 - Django reads every setting from this one module
# The order in which they are read is the order of docs/settings.md.
# isort: off
from warrantydesk.settings.place import *
from warrantydesk.settings.application import *
from warrantydesk.settings.database import *
from warrantydesk.settings.background import *
from warrantydesk.settings.files import *
from warrantydesk.settings.mail import *
from warrantydesk.settings.keeping import *
from warrantydesk.settings.shipments import *
from warrantydesk.settings.people import *
from warrantydesk.settings.api import *
from warrantydesk.settings.language import *
from warrantydesk.settings.security import *
from warrantydesk.settings.admin import *
from warrantydesk.settings.logs import *
