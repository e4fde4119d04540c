"""The computer under the box: its readings, realtime rights, tuning."""
