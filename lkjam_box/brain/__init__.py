"""The brain lane: hear events, step the model, sample an answer."""
