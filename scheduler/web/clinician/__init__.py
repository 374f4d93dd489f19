"""Pages for clinicians and supervisors."""
