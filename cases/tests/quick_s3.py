"""django-storages' S3, for tests that make a storage each."""

from functools import cache

import boto3
from storages.backends.s3 import S3Storage


class QuickS3Storage(S3Storage):
    """The same storage; what boto3 has read about the services of the world serves every test of the process."""

    def _create_session(self) -> boto3.session.Session:
        return _session()


@cache
def _session() -> boto3.session.Session:
    return boto3.session.Session(aws_access_key_id="key", aws_secret_access_key="secret")
