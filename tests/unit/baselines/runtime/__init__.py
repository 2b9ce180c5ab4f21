"""The image build, without an engine."""
