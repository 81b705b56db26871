"""The service layer: what happens when a resident, a mediator or a deadline arrives."""
