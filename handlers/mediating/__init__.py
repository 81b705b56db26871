"""What happens in a case between its acceptance and its last visit."""
