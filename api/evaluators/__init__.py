"""What evaluators see: rows without a person in them, each one of many that are alike."""
