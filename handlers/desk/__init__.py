"""What a mediator does in chat."""
