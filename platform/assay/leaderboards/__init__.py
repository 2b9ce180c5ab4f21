"""Tables and exports of what evaluations measured."""
