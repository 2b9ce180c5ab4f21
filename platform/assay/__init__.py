"""The Django site: challenges, submissions, evaluations, leaderboards."""
