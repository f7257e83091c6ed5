"""Importing this sets Django up, with this repository's settings, for measurements that are no manage.py command."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "warrantydesk.settings")

import django

django.setup()
