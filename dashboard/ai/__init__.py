"""The AI: pandas frames in, frozen records out. Knows no database, no Dash, no services."""
