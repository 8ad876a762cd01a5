"""Telling progress outside the form: title, icon, notification, screen readers; and a screen that stays on."""
