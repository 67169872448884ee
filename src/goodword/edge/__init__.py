"""The hot path in front of Django: redirects and event intake. Holds no logic of programmes."""
