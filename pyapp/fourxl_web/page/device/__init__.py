"""What stays on this device, and how the page behaves on it."""
