"""Hears the call, steps the network, samples an answer."""
