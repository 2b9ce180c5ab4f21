"""Users, teams, memberships, API tokens."""
