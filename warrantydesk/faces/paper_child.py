"""The process that writes a PDF: a JSON page on standard input, the PDF on standard output. Started by paper.py.

It imports nothing of the desk, so that it starts quickly and knows no secret.
"""

import json
import resource
import sys
from typing import NoReturn

NO_PANGO = 4


def main(seconds: int, memory_mb: int) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 1024 * 1024, memory_mb * 1024 * 1024))
    try:
        import weasyprint
    except (ImportError, OSError) as missing:  # OSError is how a system library that is not there says so
        sys.stderr.write(f"{missing}\n")
        return NO_PANGO

    class Nothing(weasyprint.urls.URLFetcher):
        """No file, no network: all that a page needs came with it."""

        def fetch(self, url: str, headers: object = None) -> NoReturn:
            raise ValueError(f"not fetched: {url}")

    asked = json.load(sys.stdin)
    fetcher = Nothing()
    sheets = [weasyprint.CSS(string=text, url_fetcher=fetcher) for text in asked["sheets"]]
    page = weasyprint.HTML(string=asked["html"], url_fetcher=fetcher, base_url="paper:")
    sys.stdout.buffer.write(page.write_pdf(stylesheets=sheets))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
