"""Languages, formats and the desk's own time zone."""

from warrantydesk import env
from warrantydesk.settings.place import BASE_DIR

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("ja", "日本語"),
    ("zh-hans", "简体中文"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("DESK_TIME_ZONE", "Europe/Berlin", "The desk's own time zone: reports and staff pages.")
FORMAT_MODULE_PATH = ["warrantydesk.formats"]
