"""Tests mirror the source path; vectors/ is shared with the PWA, browser/ tells stories."""
