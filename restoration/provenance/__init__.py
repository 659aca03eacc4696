"""Pure functions of the event log: reports and exports that cannot disagree."""
