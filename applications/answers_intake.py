"""What intake and screening answer when the ground floor asks: what awaits the unit, the department, the secretariat."""
