"""The brain process: hear events, step the model, sample an answer."""
