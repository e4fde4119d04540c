"""The computer under the box: what it tells of itself, realtime rights, tuning."""
