"""Pages for other programs: calendars, monitors, witnesses."""
