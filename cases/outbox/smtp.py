"""Django's SMTP backend, which also knows whether the words of a mail had begun to leave when a connection broke."""

import smtplib
from typing import Any

from django.core.mail.backends import smtp


class _Watched:
    content_begun = False

    def mail(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        self.content_begun = False  # several mails may leave over one connection
        return super().mail(*args, **kwargs)  # type: ignore[misc]

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.content_begun = True
        return super().data(msg)  # type: ignore[misc]


class _Session(_Watched, smtplib.SMTP):
    pass


class _SecureSession(_Watched, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """A server that hangs up before DATA has certainly not taken the mail; after it, nobody can tell."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SecureSession if self.use_ssl else _Session

    @property
    def may_have_left(self) -> bool:
        return isinstance(self.connection, _Watched) and self.connection.content_begun
