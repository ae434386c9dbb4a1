"""Run folders, sweep folders and studies that were made to do harm."""
