"""What this stage answers when earlier ones ask."""
