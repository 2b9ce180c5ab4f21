"""PromptMR: an unrolled network over adjacent frames with prompts."""
