"""The whole schedule, played in any order on both engines, and held to what is always true of it."""
