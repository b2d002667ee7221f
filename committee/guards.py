"""What the database itself refuses in this stage."""
