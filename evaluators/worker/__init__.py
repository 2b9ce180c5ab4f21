"""The process on a GPU box: asks for work, runs it sealed off, has it scored, reports. One loop a file."""
