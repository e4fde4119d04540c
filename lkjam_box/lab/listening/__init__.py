"""A blinded listening test: the kit that goes to listeners, and what their sheets say."""
