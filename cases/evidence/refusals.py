"""Why a file is not kept, in the customer's words.

Each is one sentence without names or numbers, so that it can be stored in English and said in any language
(`gettext(evidence.refusal)`); at most 200 characters.
"""

from django.utils.translation import gettext_noop

EMPTY = gettext_noop("It arrived empty. Please send it once more.")
TOO_LARGE = gettext_noop("It is too large. Please send a shorter video or a smaller picture, or use your private page.")
TOO_MANY = gettext_noop(
    "Your request already holds as many files as we can keep. Please write to us if this one matters."
)
TOO_MUCH = gettext_noop(
    "Your request already holds as much as we can keep. Please send a shorter video or a smaller picture."
)
TOO_MANY_PIXELS = gettext_noop("The picture has more pixels than we can show. Please send it in a smaller size.")
DAMAGED = gettext_noop("It is damaged or did not arrive whole. Please send it once more.")
INFECTED = gettext_noop("A virus was found in it, so we do not open it. Please send another photo or video.")
ERASED = gettext_noop("It was erased, because we keep files only for as long as we need them.")
ARCHIVE = gettext_noop("It is an archive. Please send the photos or the video themselves.")
PROGRAM = gettext_noop("It is a program, and we never open programs. Please send a photo, a video or a PDF.")
WEB_PAGE = gettext_noop("It is a web page or a vector drawing (HTML, SVG). Please send a photo, a video or a PDF.")
DOCUMENT = gettext_noop("It is an office document. Please send a photo, a video or a PDF instead.")
UNKNOWN = gettext_noop(
    "We could not read it as a photo (JPEG, PNG, HEIC, WebP, GIF), a video (MP4, MOV, WebM) or a PDF."
)
